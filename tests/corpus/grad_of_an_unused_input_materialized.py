# With materialize_grads its gradient is zero.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = T.tensor([3.0, 4.0], requires_grad=True)
v2 = v0.sum()
v3, v4 = T.autograd.grad((v2,), (v0, v1), materialize_grads=True)
