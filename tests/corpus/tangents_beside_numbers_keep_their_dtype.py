# A number has a zero tangent of the dtype of what stands beside it.
v0 = T.tensor(2.0)
with T.autograd.forward_ad.dual_level():
    v1 = T.tensor(3.0)
    v2 = T.autograd.forward_ad.make_dual(v0, v1)
    v3 = v2.mul(1)
    v4 = T.div(v2, 2)
