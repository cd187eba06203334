# An empty part of nothing begins behind all that there is, and so does a view of it: a tangent that lies alike is kept.
v0 = T.zeros((0, 3), requires_grad=True)
v1, v2, v3 = T.unbind(v0, 1)
with T.autograd.forward_ad.dual_level():
    v4 = T.autograd.forward_ad.make_dual(v3, v3)
