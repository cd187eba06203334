# A view of a leaf is a result like others.
v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
v1 = v0.view(4)
v2 = v1.is_leaf
v3 = v1._is_view()
v4 = v1.sum()
v4.backward()
