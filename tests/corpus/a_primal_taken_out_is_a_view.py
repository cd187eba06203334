# The primal that a rule of tangents computes with is a view of the dual tensor, and an error names it so.
v0 = T.tensor(1.0, requires_grad=True)
v1 = v0.logaddexp2(v0)
with T.autograd.forward_ad.dual_level():
    v2 = T.autograd.forward_ad.make_dual(v1, v1)
    v2.rsqrt_()
v3, = T.autograd.grad((v2,), (v0,))
