# What only the pass itself still knows as a view does not keep a buffer from being added to in place.
v0 = T.tensor([[[1.0, 1.0], [1.0, 1.0]]], requires_grad=True)
v1, v2 = T.linalg.qr(v0)
v3, = T.autograd.grad((v1,), (v0,), grad_outputs=(v0,), create_graph=True)
v4, = T.autograd.grad((v3,), (v0,), grad_outputs=(v0,))
