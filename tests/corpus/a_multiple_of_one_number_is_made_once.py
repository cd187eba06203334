# Where one number is subtracted from many, its multiple is made once for all, and rounded, but for the first.
v0 = T.zeros((3,), dtype=T.float64)
v1 = T.tensor(5e-324, dtype=T.float64)
v2 = v0.sub(v1, alpha=0.5)
v3 = T.zeros((2, 7))
v4 = T.tensor([[1e-45], [1e-45]])
v5 = T.sub(v3, v4, alpha=0.5)
