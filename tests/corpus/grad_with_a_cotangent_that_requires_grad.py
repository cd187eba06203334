# A cotangent may require grad; with create_graph the result depends on it.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * v0
v2 = T.tensor([5.0, -7.0], requires_grad=True)
v3, = T.autograd.grad((v1,), (v0,), grad_outputs=(v2,), create_graph=True)
v4 = v3.sum()
v5, = T.autograd.grad((v4,), (v2,))
