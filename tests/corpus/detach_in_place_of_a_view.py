# A view cannot be detached in place.
v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
v1 = v0 * 2
v2 = v1.select(0, 0)
v2.detach_()
