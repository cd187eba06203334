# The two gradients of aminmax are added in place, but for a batch; without a dim it is taken along all of them.
v0 = T.tensor([1.0, 3.0], requires_grad=True)
v1, v2 = v0.aminmax()
v3 = T.tensor([1.0, 2.0, 0.5], requires_grad=True)
v4, = T.autograd.grad((v1, v2), (v0,), grad_outputs=(v3, v3), create_graph=True, is_grads_batched=True)
v5, v6 = v0.aminmax()
v7, = T.autograd.grad((v5, v6), (v0,), grad_outputs=(v1, v2), create_graph=True)
