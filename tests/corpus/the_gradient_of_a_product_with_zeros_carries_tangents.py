# Where a factor is zero the gradient of running products is found in another way, which carries tangents along, too.
v0 = T.tensor([0.0, 2.0], requires_grad=True)
with T.autograd.forward_ad.dual_level():
    v1 = T.autograd.forward_ad.make_dual(v0, v0)
    v2 = T.linalg.vander(v1, N=3)
    v3, = T.autograd.grad((v2,), (v0,), grad_outputs=(v2,))
    v4 = v1.cumprod(0)
    v5, = T.autograd.grad((v4,), (v0,), grad_outputs=(v4,))
