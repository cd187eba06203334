# index_fill writes nothing but its slices where memory meets itself.
v0 = T.tensor([1.0, 2.0, 3.0])
v1 = T.as_strided(v0, (2, 2), (1, 1))
v2 = T.tensor([0])
v1.index_fill_(0, v2, 9.0)
