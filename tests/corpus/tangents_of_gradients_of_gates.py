# glu has an op of its own for the tangents of its gradient, which nothing differentiates; prelu moves what moved.
v0 = T.tensor([[1.0, 2.0], [0.5, -1.0]], requires_grad=True)
v1 = T.tensor([0.5], requires_grad=True)
v2 = T.ones(2, 2)
v3 = T.ones(2, 1)
v4 = T.ones(1)
with T.autograd.forward_ad.dual_level():
    v5 = T.autograd.forward_ad.make_dual(v0, v2)
    v6 = T.nn.functional.glu(v5, 1)
    v7, = T.autograd.grad((v6,), (v5,), grad_outputs=(v3,), create_graph=True)
    v8 = T.autograd.forward_ad.make_dual(v1, v4)
    v9 = T.prelu(v0, v8)
    v10, v11 = T.autograd.grad((v9,), (v0, v8), grad_outputs=(v2,), create_graph=True)
