# Gradients of pooling have a tangent where what comes in has one: the input's does not count.
v0 = T.tensor([[[1.0, 2.0, 0.5, 3.0]]], requires_grad=True)
v1 = T.tensor([[[0.5, 1.0, -1.0, 2.0]]])
v2 = T.tensor([[[1.0, 2.0]]], requires_grad=True)
with T.autograd.forward_ad.dual_level():
    v3 = T.autograd.forward_ad.make_dual(v0, v1)
    v4 = T.avg_pool1d(v3, 2)
    v5, = T.autograd.grad((v4,), (v0,), grad_outputs=(v2,), create_graph=True)
    v6 = T.max_pool1d(v3, 2)
    v7, = T.autograd.grad((v6,), (v0,), grad_outputs=(v2,), create_graph=True)
    v8 = T.nn.functional.pad(v3, (1, 1), mode='replicate')
    v9 = v8.sum()
    v10, = T.autograd.grad((v9,), (v0,), create_graph=True)
