# rot90 is flip and transpose, each keeping the order of dimensions in memory.
v0 = T.tensor([[1.0, 1.0], [1.0, 1.0]])
v1 = T.rot90(v0)
v2 = T.rot90(v1)
