# In which the sign of what becomes zero is lost.
v0 = T.full((33,), -0.5, dtype=T.float16)
v1 = T.nn.functional.softshrink(v0)
v2 = v0[:20]
v3 = T.nn.functional.softshrink(v2)
