# The gradient of block_diag reads on at the row of an empty vector, which the result has.
v0 = T.tensor(1.0, requires_grad=True)
v1 = T.tensor([], dtype=T.float64)
v2 = T.block_diag(v1, v0)
T.autograd.backward((v2,), (v2, v0))
