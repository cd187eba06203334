# What a write in place saves of its operand is the copy that the tangent is worked out from.
v0 = T.tensor(1.0, requires_grad=True)
v1 = v0 * 2
with T.autograd.forward_ad.dual_level():
    v2 = T.autograd.forward_ad.make_dual(v1, v1)
    v2.sin_()
v3, = T.autograd.grad((v2,), (v0,), create_graph=True)
