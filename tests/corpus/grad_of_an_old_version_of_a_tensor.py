# After an in-place write a tensor's gradient is that of the new value.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 + 1
v1.mul_(3)
v2 = v1.sum()
v3, v4 = T.autograd.grad((v2,), (v1, v0))
