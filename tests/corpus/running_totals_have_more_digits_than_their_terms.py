# cumsum and cumprod of single precision add up in double, so that what overflows may come back.
v0 = T.tensor([3e+38, 3e+38, -3e+38])
v1 = v0.cumsum(0)
v2 = T.tensor([1e+30, 1e+30, 1e-30])
v3 = v2.cumprod(0)
v4 = T.tensor([complex(1e+30, 1.0), complex(1e+30, 1.0), complex(1e-30, 0.0)])
v5 = v4.cumprod(0)
