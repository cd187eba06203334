# Across categories it does.
v0 = T.tensor([1, 2])
v1 = T.tensor(1.5)
v2 = v0 * v1
v3 = v0 / v0
v4 = T.tensor([1, 2], dtype=T.int32)
v5 = v4 + v0
