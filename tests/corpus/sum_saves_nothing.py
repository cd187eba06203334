# What no formula needs may be changed.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 2
v2 = v1.sum()
v1.add_(1)
v2.backward()
