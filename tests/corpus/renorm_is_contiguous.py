# renorm of a transposed tensor is contiguous.
v0 = T.tensor([[1.0, 1.0], [1.0, 1.0]])
v1 = T.swapdims(v0, dim0=-1, dim1=-2)
v2 = T.renorm(v1, 1, 1, 1)
