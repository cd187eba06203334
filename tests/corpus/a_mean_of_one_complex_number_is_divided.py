# The mean of a complex number without dimensions is divided by a complex 1.
v0 = T.tensor(complex(float('inf'), 1.0))
v1 = v0.mean()
