# The exponential of a double without dimensions can be written to.
v0 = T.tensor(1.0, dtype=T.float64)
v1 = T.exp(v0)
v1.mul_(2)
