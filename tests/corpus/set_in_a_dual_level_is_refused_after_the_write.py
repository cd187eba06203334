# set_ of a dual tensor is refused when the write has been counted already.
v0 = T.tensor(1.0)
with T.autograd.forward_ad.dual_level():
    v1 = T.autograd.forward_ad.make_dual(v0, v0)
    v1.set_(v1)
v2, v3 = T.autograd.forward_ad.unpack_dual(v1)
