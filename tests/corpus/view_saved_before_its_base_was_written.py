# A saved view is outdated by a write into its base.
v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
v1 = v0 * 2
v2 = v1.select(0, 0)
v3 = v2 * v2
v1.add_(1)
v4 = v3.sum()
v4.backward()
