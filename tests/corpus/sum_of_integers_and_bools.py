# Integers and bools are summed as int64.
v0 = T.tensor([1, 2], dtype=T.int32)
v1 = v0.sum()
v2 = T.tensor([True, True, False])
v3 = v2.sum()
