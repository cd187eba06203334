# Sums over dims, kept or not.
v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
v1 = v0.sum(0)
v2 = v0.sum(1, keepdim=True)
v3 = v0.sum((0, 1))
v4 = v1 * v2
v5 = v4 * v3
v6 = v5.sum()
v6.backward()
