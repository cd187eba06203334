# A number without dimensions is converted to the dtype of what has some, in which it may be nothing.
v0 = T.tensor(5e-324, dtype=T.float64)
v1 = T.tensor([0.0, 1.0])
v2 = T.logical_or(v0, v1)
v3 = T.logical_and(v1, v0)
v4 = T.tensor(256)
v5 = T.tensor([0, 1], dtype=T.int8)
v6 = v5.logical_xor(v4)
v7 = v1.logical_or_(v0)
