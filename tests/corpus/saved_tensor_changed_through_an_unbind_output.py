# A write through a view of a saved tensor is seen as well.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = T.tensor([3.0, 4.0])
v2, v3 = v1.unbind()
v4 = v0 * v1
v2.add_(1)
v5 = v4.sum()
v5.backward()
