# Alpha is multiplied and added in one rounding, so that what underflows keeps its sign.
v0 = T.tensor([1.0, 0.0])
v1 = T.tensor([1.0, 5e-324], dtype=T.float64)
v2 = v0.sub(v1, alpha=0.5)
v3 = T.add(v1, v0, alpha=0.3)
v4 = T.tensor(-0.0, dtype=T.float64)
v5 = T.sub(v4, v4, alpha=0)
v6 = v4.sub(0, alpha=0.0)
