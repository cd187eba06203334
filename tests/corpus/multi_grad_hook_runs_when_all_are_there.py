# A multi-grad hook runs once with all gradients, None for what was not reached.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = T.tensor([3.0, 4.0], requires_grad=True)
v2 = T.tensor([5.0, 6.0], requires_grad=True)
h0 = T.autograd.graph.register_multi_grad_hook((v0, v1, v2), lambda grads: None)
v3 = v0 * v1
v4 = v3.sum()
v4.backward()
