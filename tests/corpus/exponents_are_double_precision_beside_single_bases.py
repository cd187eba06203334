# Vectors aside: an odd exponent beyond single precision stays odd.
v0 = T.tensor([-2.5, 2.0, -1.0])
v1 = v0 ** 16777217
v2 = T.full((33,), -2.5)
v3 = v2 ** 16777217
