# ldexp lies in memory as its operands do.
v0 = T.tensor([[1.0, 1.0], [1.0, 1.0]])
v1, v2 = T.linalg.eigh(v0)
v3 = v2.ldexp(v2)
