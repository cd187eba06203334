# Integers divide to floats.
v0 = T.tensor([1, 2, -3])
v1 = T.tensor([2, 2, 2])
v2 = v0 / v1
v3 = 1 / v0
