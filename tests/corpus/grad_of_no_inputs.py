# Asking for nothing.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0.sum()
v2 = T.autograd.grad((v1,), ())
