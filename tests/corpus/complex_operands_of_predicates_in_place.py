# A complex operand is cast to what is written to, which warns; variances of complex numbers warn for each part.
v0 = T.tensor(1.0)
v1 = T.tensor(1.0, dtype=T.complex64)
v0.logical_or_(v1)
v2 = T.std(v1)
