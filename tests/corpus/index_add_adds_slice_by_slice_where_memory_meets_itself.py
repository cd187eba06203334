# index_add adds one slice after the other where memory meets itself.
v0 = T.tensor([1.0, 2.0, 3.0])
v1 = T.as_strided(v0, (2, 2), (1, 1))
v2 = T.tensor([0, 1])
v3 = T.tensor([[5.0, 6.0], [7.0, 8.0]])
v1.index_add_(0, v2, v3, alpha=2)
