# leaky_relu_ takes the tangent as it was before the write, and the result as it is after.
v0 = T.tensor(1.0)
v1 = T.tensor(1.0, requires_grad=True)
v2 = T.tensor(True)
v3 = v0.masked_fill(v2, v1)
with T.autograd.forward_ad.dual_level():
    v4 = T.autograd.forward_ad.make_dual(v3, v3)
    T.nn.functional.leaky_relu_(v4)
v5 = v3.grad
