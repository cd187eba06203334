# Reading grad of a non-leaf that retains none gives None and a warning.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 2
v2 = v1.grad
