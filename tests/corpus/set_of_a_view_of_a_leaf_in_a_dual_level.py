# A view of a leaf is refused before the dual level is looked at.
v0 = T.tensor(1.0, requires_grad=True)
with T.autograd.forward_ad.dual_level():
    v1 = T.autograd.forward_ad.make_dual(v0, v0)
    v1.set_()
