# The kernel of a group norm's gradient has no rule for tangents.
v0 = T.tensor([[1.0], [1.0]], requires_grad=True)
with T.autograd.forward_ad.dual_level():
    v1 = T.autograd.forward_ad.make_dual(v0, v0)
    v2 = T.nn.functional.group_norm(v1, num_groups=1)
    v3, = T.autograd.grad((v2,), (v0,), grad_outputs=(v2,))
