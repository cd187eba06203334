# A gradient edge may be asked for instead of a tensor.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 3
v2 = T.autograd.graph.get_gradient_edge(v1)
v3 = v1 * v1
v4 = v3.sum()
v5, = T.autograd.grad((v4,), (v2,))
