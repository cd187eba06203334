# A factory may give its output another size, and has it require grad if asked; arange minds how many elements it had.
v0 = T.zeros(4)
v1 = T.ones(2, requires_grad=True, out=v0)
v2 = T.zeros(3, 1)
v3 = T.arange(3.0, out=v2)
v4 = T.arange(2.0, out=v2)
try:
    v5 = T.zeros(2, out=v0)
except Exception as error:
    print(error)
v6 = T.zeros(3)
v7 = T.empty(2, out=v6)
v7.zero_()
