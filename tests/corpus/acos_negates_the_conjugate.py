# The gradient of acos negates the conjugate and not the other way round.
v0 = T.tensor(1.0, dtype=T.complex64, requires_grad=True)
v1 = T.acos(v0)
v2 = T.linalg.vector_norm(v1)
v3 = T.tensor([[], []])
v4 = T.tensor(1)
v5 = v3.index_fill(0, v4, v2)
v6, = T.autograd.grad((v5, v0), (v0,), grad_outputs=(v3, v0), create_graph=True)
