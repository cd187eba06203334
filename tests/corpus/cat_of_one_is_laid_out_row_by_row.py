# One tensor alone is joined into memory laid out row by row.
v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]])
v1 = T.t(v0)
v2 = T.cat((v1,), 0)
v3 = T.hstack((v1,))
