# Outputs of unbind that nobody uses contribute zeros.
v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
v1, v2 = v0.unbind(0)
v3 = v1.sum()
v3.backward()
