# Several elements in one place cannot be written to.
v0 = T.tensor([[1.0], [2.0]])
v1 = v0.expand(2, 3)
v1.add_(1)
