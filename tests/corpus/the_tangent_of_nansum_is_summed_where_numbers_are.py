# The tangent of nansum takes 0 where the operand is NaN; that of a copy of all is its operand's.
v0 = T.tensor([0.5, float('nan')])
v1 = T.tensor([1.0, 2.0], requires_grad=True)
with T.autograd.forward_ad.dual_level():
    v2 = T.autograd.forward_ad.make_dual(v0, v1)
    v3 = T.nansum(v2)
    v4, v5 = T.autograd.forward_ad.unpack_dual(v3)
    v6 = T.alias_copy(v2)
    v7, v8 = T.autograd.forward_ad.unpack_dual(v6)
