# The tangent of a gradient is a Hessian times a vector.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = T.tensor([1.0, 10.0])
with T.autograd.forward_ad.dual_level():
    v2 = T.autograd.forward_ad.make_dual(v0, v1)
    v3 = v2 * v2
    v4 = v3 * v2
    v5 = v4.sum()
    v6, = T.autograd.grad((v5,), (v2,))
    v7, v8 = T.autograd.forward_ad.unpack_dual(v6)
