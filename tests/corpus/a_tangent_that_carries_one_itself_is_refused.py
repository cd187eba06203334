# Once a write has made a tangent a dual tensor, nothing can carry what is computed of it.
v0 = T.tensor(1.0)
with T.autograd.forward_ad.dual_level():
    v1 = T.autograd.forward_ad.make_dual(v0, v0)
    v0.lerp_(v1, 0)
    v2 = v1.roll(0)
