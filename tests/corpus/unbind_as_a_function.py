# T.unbind and the method are one; its result is a tuple.
v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
v1 = T.unbind(v0, 1)
v2 = v1[0]
v3 = v2 * 3
v4 = v3.sum()
v4.backward()
