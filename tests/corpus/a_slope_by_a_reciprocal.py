# The slopes of i1 and i1e divide by a reciprocal.
v0 = T.tensor(1.0, requires_grad=True)
v1 = T.special.i1(v0)
v2, = T.autograd.grad((v1,), (v0,), create_graph=True)
v3 = T.special.i1e(v0)
v4, = T.autograd.grad((v3,), (v0,), create_graph=True)
