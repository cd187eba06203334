# Advanced indexing gives a copy, and repeated indices add up in its gradient.
v0 = T.tensor([1.0, 2.0, 3.0], requires_grad=True)
v1 = v0[[0, 0, 2]]
v2 = v1._is_view()
v3 = v1.sum()
v3.backward()
