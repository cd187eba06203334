# Reading grad where nothing is required gives None, silently.
v0 = T.tensor([1.0, 2.0])
v1 = v0.grad
