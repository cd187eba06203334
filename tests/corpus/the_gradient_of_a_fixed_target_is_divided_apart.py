# The tangent of a gradient: what comes through the target, which has no tangent, is nothing, which nobody can write to.
v0 = T.tensor([-0.5, 2.0], requires_grad=True)
v1 = T.tensor([2.0, 1.0])
v2 = T.tensor([3.0, -2.0])
v3 = T.tensor(1.0, requires_grad=True)
with T.autograd.forward_ad.dual_level():
    v4 = T.autograd.forward_ad.make_dual(v0, v2)
    v5 = T.nn.functional.smooth_l1_loss(v4, v1)
    v6, = T.autograd.grad((v5,), (v0,), grad_outputs=(v3,), create_graph=True)
