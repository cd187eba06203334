# The tangent of what is sorted is gathered from the operand's itself.
v0 = T.tensor([3.0, 1.0, 2.0], requires_grad=True)
v1 = T.tensor([1.0, 2.0, 3.0], requires_grad=True)
with T.autograd.forward_ad.dual_level():
    v2 = T.autograd.forward_ad.make_dual(v0, v1)
    v3, v4 = T.sort(v2)
    v5, v6 = T.autograd.forward_ad.unpack_dual(v3)
    v6.backward(v1)
