# The part through the exponent is older than the one through the base, which therefore is the first to be met.
v0 = T.tensor(1.0, requires_grad=True)
v1 = v0 * 2
with T.autograd.forward_ad.dual_level():
    v2 = T.autograd.forward_ad.make_dual(v1, v1)
    v2.pow_(v2)
v3, = T.autograd.grad((v2,), (v0,))
