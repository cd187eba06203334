# add and sub take alpha.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = T.tensor([3.0, 4.0], requires_grad=True)
v2 = T.add(v0, v1, alpha=2)
v3 = T.sub(v0, v1, alpha=0.5)
v4 = v2 * v3
v5 = v4.sum()
v5.backward()
