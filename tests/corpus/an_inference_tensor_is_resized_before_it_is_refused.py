# Outside inference mode its write is refused where it would be counted: it has its new size by then.
with T.inference_mode():
    v0 = T.ones(2)
    v1 = T.ones(2)
v1.resize_(2)
v0.resize_(1)
