# The second gradient is divided by the number of elements in place.
v0 = T.tensor(1.0, requires_grad=True)
v1 = T.nn.functional.smooth_l1_loss(v0, v0)
v2, = T.autograd.grad((v1,), (v0,), create_graph=True)
v3, = T.autograd.grad((v2,), (v0,))
