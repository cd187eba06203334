# The tangent of what a formula multiplies by a number is that multiple of the tangent; polar's gradient does.
v0 = T.tensor([2.0, 0.0], requires_grad=True)
v1 = T.tensor([-0.0, 1.0], requires_grad=True)
v2 = T.tensor([1.0, -2.0], requires_grad=True)
v3 = T.tensor([complex(1.0, -0.0), complex(2.0, 0.5)], requires_grad=True)
with T.autograd.forward_ad.dual_level():
    v4 = T.autograd.forward_ad.make_dual(v1, v2)
    v5 = T.polar(v0, v4)
    v6, v7 = T.autograd.grad((v5,), (v0, v1), grad_outputs=(v3,), create_graph=True)
    v8 = T.autograd.forward_ad.make_dual(v0, v2)
    v9 = T.logcumsumexp(v8, 0)
