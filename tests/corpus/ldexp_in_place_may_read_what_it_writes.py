# The scale is computed before anything is written, so that it may be made of a part of the target.
v0 = T.tensor(1.0, requires_grad=True)
v1 = v0.cos()
v2 = T.atleast_3d(v1)
v2.ldexp_(v1)
