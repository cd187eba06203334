# Negative dimensions count from the end.
v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
v1, v2 = v0.unbind(-1)
v3 = v1 * v2
v4 = v3.sum()
v4.backward()
