# A product is computed in the dtype that was asked for, be it small or that of truth values.
v0 = T.tensor([[200, 2], [3, 1]])
v1 = T.prod(v0, dtype=T.uint8)
v2 = T.prod(v0, 0, dtype=T.int32)
v3 = T.prod(v0, 1, dtype=T.bool)
