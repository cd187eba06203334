# cumprod of a transposed tensor is contiguous.
v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]])
v1 = T.movedim(v0, (0, -1), (-1, 0))
v2 = T.cumprod(v1, 1)
