# A dimension without elements is refused before the dtype is.
v0 = T.tensor([], dtype=T.complex64)
v1, v2 = T.kthvalue(v0, 1, 0)
v3, v4 = T.median(v0, 0)
v5, v6 = T.mode(v0, 0)
