# repeat of a transposed tensor is contiguous, even where it repeats nothing.
v0 = T.tensor([[[True, True], [True, True]]])
v1 = T.swapdims(v0, dim0=2, dim1=0)
v2 = v1.repeat(1, 1, 1)
