# A Python number does not widen a float tensor, but makes an integer tensor float.
v0 = T.tensor([1.0, 2.0], dtype=T.float64, requires_grad=True)
v1 = v0 * 2
v2 = T.tensor([1, 2])
v3 = v2 * 2.5
v4 = v2 + 2
v5 = v2 / 2
v6 = T.tensor([True, False])
v7 = v6 + 1
v8 = v6 * 1.5
