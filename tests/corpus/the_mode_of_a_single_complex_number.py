# The mode of a single complex number is that, though torch has no mode of complex numbers.
v0 = T.tensor(complex(1.0, 2.0))
v1, v2 = v0.mode()
