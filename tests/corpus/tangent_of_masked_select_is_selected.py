# A linear op is applied to the tangent as it is.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
with T.autograd.forward_ad.dual_level():
    v1 = T.autograd.forward_ad.make_dual(v0, v0)
    v2 = T.tensor([True, False])
    v3 = v1.masked_select(v2)
