# What the rule of a write does not need of its target is read after the write: other operands, and the tangent.
v0 = T.tensor([2.0, 4.0])
v1 = T.tensor([3.0, 3.0])
v2 = T.tensor([0.5, 2.0])
with T.autograd.forward_ad.dual_level():
    v3 = T.autograd.forward_ad.make_dual(v0, v1)
    v3.mul_(v3)
    v4 = T.autograd.forward_ad.make_dual(v2, v2)
    v4.exp_()
    v4.sin_()
