# Random numbers depend on nothing: what they overwrite has a tangent of zeros afterwards.
v0 = T.tensor([1.0, 1.0])
v1 = T.tensor([3.0, 4.0])
with T.autograd.forward_ad.dual_level():
    v2 = T.autograd.forward_ad.make_dual(v0, v1)
    v3 = T.bernoulli(v2)
    v2.bernoulli_(1.0)
