# The gradient of the gradient of layer_norm by its weight makes a product anew each time that it uses it.
v0 = T.tensor([[0.5, 1.5], [2.0, 0.25]], requires_grad=True)
v1 = T.tensor([[1.0, 2.0], [0.5, -1.0]], requires_grad=True)
v2 = T.layer_norm(v0, (2, 2), v1)
v3 = T.ones((2, 2), requires_grad=True)
v4, v5 = T.autograd.grad((v2,), (v0, v1), grad_outputs=(v3,), create_graph=True)
v6 = T.ones((2, 2), requires_grad=True)
v7, v8 = T.autograd.grad((v5,), (v0, v3), grad_outputs=(v6,), create_graph=True)
v9, v10, v11 = T.autograd.grad((v4,), (v0, v1, v3), grad_outputs=(v6,), create_graph=True)
