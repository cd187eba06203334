# A multiple of nothing by a float is double, so that the tangent is double, too.
v0 = T.tensor(complex(1.0, 0.0))
with T.autograd.forward_ad.dual_level():
    v1 = T.autograd.forward_ad.make_dual(v0, v0)
    v2 = T.sub(v1, v0, alpha=2.0)
