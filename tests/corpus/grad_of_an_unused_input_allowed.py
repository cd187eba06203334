# With allow_unused its gradient is None.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = T.tensor([3.0, 4.0], requires_grad=True)
v2 = v0.sum()
v3, v4 = T.autograd.grad((v2,), (v0, v1), allow_unused=True)
