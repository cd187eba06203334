# Whose storage is larger: the tangent is copied into one like it.
v0 = T.tensor([[[[[1.0, 2.0]]], [[[3.0, 4.0]]]]], dtype=T.float64, requires_grad=True)
v1 = T.tensor([[[[[0.5]]]], [[[[-1.0]]]]], dtype=T.float64, requires_grad=True)
v2 = v0.detach()
v3 = v1.detach()
with T.autograd.forward_ad.dual_level():
    v4 = T.autograd.forward_ad.make_dual(v0, v2)
    v5 = T.autograd.forward_ad.make_dual(v1, v3)
    v6 = T.conv_transpose3d(v4, v5)
