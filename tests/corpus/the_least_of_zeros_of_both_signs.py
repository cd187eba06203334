# Of equal zeros the one is left that torch's vectors compare last.
v0 = T.tensor([[1.0, 1.0, 1.0], [0.0, 1.0, -0.0]], dtype=T.float64)
v1 = v0.min()
v2, v7 = v0.aminmax()
v3 = v0.amin()
v4 = T.tensor([0.0, -0.0, -0.0, 0.0, 0.0, -0.0, 0.0, -0.0, -0.0])
v5 = v4.max()
v6 = v4.amax(0)
