# One exponent of more dimensions than the base gives the power its shape.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = T.eye(1)
v2 = v0.float_power(v1)
v3 = v0.pow(v1)
