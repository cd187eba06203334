# addcdiv multiplies the numerator by the value, a complex 1 as well, and divides then.
v0 = T.tensor([1.0, 1.0])
v1 = T.tensor([3.4e+38, 1.0])
v2 = T.tensor([0.5, 1.0])
v3 = v0.addcdiv(v1, v2, value=0.5)
v4 = T.tensor([complex(float('inf'), 1.0)])
v5 = v4.addcmul(v4, v4)
v6 = v4.addcdiv(v4, v4)
