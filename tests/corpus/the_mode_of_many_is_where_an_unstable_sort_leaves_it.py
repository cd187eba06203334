# Of more than 16 elements the sort names whichever of equal ones it leaves last.
v0 = T.ones((18,))
v1, v2 = T.mode(v0)
v3 = T.tensor([2, 1, 2, 0, 1, 2, 2, 1, 0, 1, 1, 2, 0, 0, 2, 1, 2, 1, 1, 0])
v4, v5 = T.mode(v3)
