# What is subtracted from a number is multiplied by -1 if it is complex, which makes NaN beside an infinity.
v0 = T.tensor([complex(1.0, float('-inf')), complex(float('inf'), 1.0), complex(0.0, -0.0)])
v1 = 0 - v0
v2 = T.rsub(v0, 1.0)
