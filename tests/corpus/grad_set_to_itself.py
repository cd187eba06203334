# A tensor is not its own gradient.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v0.grad = v0
