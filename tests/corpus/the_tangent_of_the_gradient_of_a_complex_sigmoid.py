# Where its result moves, the gradient of sigmoid moves with the conjugate of that.
v0 = T.tensor([complex(0.25, 0.75)], requires_grad=True)
v1 = T.tensor([complex(1.0, 0.0)])
with T.autograd.forward_ad.dual_level():
    v2 = T.autograd.forward_ad.make_dual(v0, v1)
    v3 = T.sigmoid(v2)
    v4, = T.autograd.grad((v3,), (v2,), grad_outputs=(v1,), create_graph=True)
