# What tril_ keeps it does not write, which shows where elements share a place.
v0 = T.tensor([1.0, 2.0, 3.0, 4.0])
v1 = T.as_strided(v0, (2, 2), (1, 1))
v1.tril_()
v2 = T.tensor([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
v3 = T.as_strided(v2, (3, 3), (2, 1))
v3.triu_(1)
