# Two writes through one view put two CopySlices into the base's history.
v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
v1 = v0 * 2
v2 = v1.select(0, 0)
v2.mul_(10)
v2.add_(1)
v3 = v1 * v1
v4 = v3.sum()
v4.backward()
