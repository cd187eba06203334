# A view of a leaf that requires grad must not be written to.
v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
v1 = v0.select(0, 0)
v1.mul_(2)
