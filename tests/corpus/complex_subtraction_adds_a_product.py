# Complex numbers are subtracted by adding the product with -alpha, which shows in the signs of zeros.
v0 = T.tensor([complex(1.0, -0.0), complex(2.0, 0.0), complex(-1.0, -0.0)])
v1 = v0 - v0
v2 = T.tensor([0.5, -1.0, 2.0])
v3 = T.sub(v0, v2)
v4 = T.sub(v2, v0, alpha=2)
v5 = T.rsub(v0, v2)
v6 = T.rsub(v0, 1.0)
v7 = 1.0 - v0
