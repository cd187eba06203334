# An empty matrix is factored without pivots, too, and whatever its dtype.
v0 = T.zeros((0, 3), requires_grad=True)
v1, v2 = T.linalg.lu_factor(v0, pivot=False)
v3, v4, v5 = T.linalg.lu(v0, pivot=False)
v5.backward(v5)
v6 = T.zeros((0, 0), dtype=T.int64)
v7, v8 = T.linalg.lu_factor(v6)
