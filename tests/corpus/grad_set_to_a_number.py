# A grad is a tensor or None.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v0.grad = 1.0
