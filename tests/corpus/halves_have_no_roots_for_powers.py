# A power of one half is a root but of halves, for which -0 and -inf are numbers like others.
v0 = T.tensor([-0.0, float('-inf'), 0.0, 2.0, -1.0], dtype=T.float16, requires_grad=True)
v1 = v0.pow(0.5)
v2 = v0 ** -0.5
v3 = v0 ** 1.5
v4 = T.ones(5, dtype=T.float16)
v3.backward(v4)
v5 = T.tensor([-0.0, float('-inf')])
v6 = v5.pow(0.5)
