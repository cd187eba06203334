# A tensor is copied into what it fills, which refuses places that are shared; a number is not.
v0 = T.tensor(1.0)
v1 = v0.expand((2, 3, 2, 2))
v1.fill_(v0)
