# The product of a missing tangent without dimensions and a number has the precision of the number.
v0 = T.tensor(1.5, requires_grad=True)
v1 = T.tensor(1.0)
with T.autograd.forward_ad.dual_level():
    v2 = T.autograd.forward_ad.make_dual(v0, v1)
    v3 = v2.ldexp(v0)
