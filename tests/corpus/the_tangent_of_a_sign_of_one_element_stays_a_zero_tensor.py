# Zeros without memory lie like one element, so that nothing copies them there.
v0 = T.tensor(0.5)
v1 = T.tensor(1.0)
v2 = T.tensor([1.0, 2.0])
with T.autograd.forward_ad.dual_level():
    v3 = T.autograd.forward_ad.make_dual(v0, v1)
    v4 = T.sgn(v3)
    v5, v6 = T.autograd.forward_ad.unpack_dual(v4)
    v7 = T.autograd.forward_ad.make_dual(v2, v2)
    v8 = T.sgn(v7)
    v9, v10 = T.autograd.forward_ad.unpack_dual(v8)
