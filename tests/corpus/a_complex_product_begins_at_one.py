# A cumulative product of complex numbers begins at 1, and 1 * z is not z for zeros of a sign and infinities.
v0 = T.tensor([[complex(2.0, -0.0), complex(float('inf'), 1.0)]])
v1 = v0.cumprod(0)
v2 = v0.cumprod(1)
