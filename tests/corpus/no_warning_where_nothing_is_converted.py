# Writing a logical result into an empty tensor converts nothing and warns of nothing.
v0 = T.tensor([])
v1 = T.tensor(1.0, dtype=T.complex64)
v0.logical_or_(v1)
