# Only tensors and gradient edges can be asked for.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0.sum()
v2, = T.autograd.grad((v1,), (2.0,))
