# Basic indexing gives views, one node for each step.
v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
v1 = v0[0]
v2 = v0[:, 1]
v3 = v0[..., None]
v4 = v0[0:1, 0]
v5 = v1 * v2
v6 = v5.sum()
v6.backward()
