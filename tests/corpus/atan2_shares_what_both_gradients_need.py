# The graph of both gradients of atan2 has one reciprocal of the squared length.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = T.tensor([2.0, -1.0], requires_grad=True)
v2 = T.atan2(v0, v1)
v3 = T.tensor([1.0, 1.0])
v4, v5 = T.autograd.grad((v2,), (v0, v1), grad_outputs=(v3,), create_graph=True)
v6 = v4 + v5
