# The tangent of a gradient depends on what the backward formula saved, be its own tangent there or not.
v0 = T.tensor([1.5, -0.5, 2.0], requires_grad=True)
v1 = T.tensor([0.5, 1.0, -1.0])
v2 = T.tensor([1.0, 2.0, 3.0], requires_grad=True)
with T.autograd.forward_ad.dual_level():
    v3 = T.autograd.forward_ad.make_dual(v0, v1)
    v4 = T.nn.functional.relu(v3)
    v5, = T.autograd.grad((v4,), (v0,), grad_outputs=(v2,), create_graph=True)
    v6 = T.sigmoid(v3)
    v7, = T.autograd.grad((v6,), (v0,), grad_outputs=(v2,), create_graph=True)
    v8 = T.nn.functional.mse_loss(v3, v3, reduction='none')
    v9, = T.autograd.grad((v8,), (v0,), grad_outputs=(v2,), create_graph=True)
    v10 = T.nn.functional.gelu(v3)
    v11, = T.autograd.grad((v10,), (v0,), grad_outputs=(v2,), create_graph=True)
