# Forward mode: a dual tensor carries its tangent through ops.
v0 = T.tensor([1.0, 2.0])
v1 = T.tensor([1.0, 10.0])
with T.autograd.forward_ad.dual_level():
    v2 = T.autograd.forward_ad.make_dual(v0, v1)
    v3 = v2 * v2
    v4, v5 = T.autograd.forward_ad.unpack_dual(v3)
