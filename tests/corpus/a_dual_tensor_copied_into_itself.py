# Its tangent is copied into itself, too, which its history shows.
v0 = T.tensor([[[1.0]]], requires_grad=True)
with T.autograd.forward_ad.dual_level():
    v1 = T.autograd.forward_ad.make_dual(v0, v0)
    v2 = v1.squeeze(0)
    v2.copy_(v2)
