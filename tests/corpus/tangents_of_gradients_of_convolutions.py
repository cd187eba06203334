# The gradients of a convolution have tangents, sums of two, of what moved only: a bias of what arrives alone.
v0 = T.tensor([[[1.0, 2.0, 0.5]]], requires_grad=True)
v1 = T.tensor([[[2.0, -1.0]]], requires_grad=True)
v2 = T.tensor([0.5], requires_grad=True)
v3 = T.ones(1, 1, 3)
v4 = T.ones(1, 1, 2)
with T.autograd.forward_ad.dual_level():
    v5 = T.autograd.forward_ad.make_dual(v0, v3)
    v6 = T.nn.functional.conv1d(v5, v1, v2)
    v7, v8, v9 = T.autograd.grad((v6,), (v5, v1, v2), grad_outputs=(v4,), create_graph=True)
    v10 = T.nn.functional.conv_transpose1d(v5, v1, v2)
    v11 = v10.square()
    v12 = v11.sum()
    v13, v14, v15 = T.autograd.grad((v12,), (v5, v1, v2), create_graph=True)
