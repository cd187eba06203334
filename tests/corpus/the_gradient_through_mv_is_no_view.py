# What mv returns as a gradient is no view of anything.
v0 = T.tensor([[1.0, 1.0], [1.0, 1.0]])
v1 = T.tensor([1.0, 1.0], requires_grad=True)
v2 = v0.mv(v1)
v3 = v2.min()
v4, = T.autograd.grad((v3,), (v1,))
