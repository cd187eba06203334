# Where several elements are one place in memory, later rows read what earlier ones wrote.
v0 = T.tensor([1.0, 1.0, 1.0, 2.0])
v1 = T.as_strided(v0, (2, 2), (1, 1))
v2 = T.nn.functional.silu(v1, inplace=True)
v3 = v1.mul_(3)
v4 = T.as_strided(v0, (2, 2), (1, 2))
v5 = v4.sub_(v4)
