# An input that the outputs do not depend on is an error.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = T.tensor([3.0, 4.0], requires_grad=True)
v2 = v0.sum()
v3, v4 = T.autograd.grad((v2,), (v0, v1))
