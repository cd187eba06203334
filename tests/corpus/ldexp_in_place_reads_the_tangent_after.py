# ldexp_ multiplies the tangent as it is after the write, which matters where the two share memory.
v0 = T.tensor([[[[[1.0]]]]])
with T.autograd.forward_ad.dual_level():
    v1 = T.autograd.forward_ad.make_dual(v0, v0)
    v1.ldexp_(v1)
v2 = T.nn.functional.interpolate(v1, (1, 1, 1))
v3 = T.tensor(1.0)
v4 = T.tensor(True)
v1.masked_fill_(v4, v3)
v5, v6 = T.autograd.forward_ad.unpack_dual(v2)
v2.masked_fill_()
