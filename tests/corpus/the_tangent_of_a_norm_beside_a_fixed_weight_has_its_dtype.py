# Where the weight has no tangent the terms are not written in place, so that they are promoted.
v0 = T.tensor([[1.0]], dtype=T.float64)
v1 = T.tensor([[1.0]])
with T.autograd.forward_ad.dual_level():
    v2 = T.autograd.forward_ad.make_dual(v0, v1)
    v3 = T.tensor([1.0], dtype=T.float64)
    v4 = T.group_norm(v2, num_groups=1, weight=v3)
