# reshape is a view where it can be, a copy otherwise.
v0 = T.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True)
v1 = v0.reshape(6)
v2 = v1._is_view()
v3 = v0.t()
v4 = v3.reshape(6)
v5 = v4._is_view()
v6 = v1 * v4
v7 = v6.sum()
v7.backward()
