# So is a view of such an output.
v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
v1 = v0 * 2
v2, v3 = v1.unbind()
v4 = v2.view(2)
v4.add_(1)
