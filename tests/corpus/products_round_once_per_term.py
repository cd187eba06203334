# Each term of a matrix product is added with one rounding, so that a product that underflows leaves its sign.
v0 = T.tensor([[1.0, 1.0], [1.0, 1e-38]])
v1 = T.tensor([[1.0, 1.0], [1.0, 1.0]], requires_grad=True)
v2 = v0.mm(v1)
v3 = T.tensor([[1.0, 0.0], [1.0, -1e-30]])
v2.backward(v3)
