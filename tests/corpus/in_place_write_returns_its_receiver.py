# An in-place op returns the very tensor.
v0 = T.tensor([1.0, 2.0])
v1 = v0.add_(1)
