# A detached tensor is no part of the graph.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0.detach()
v1.requires_grad = True
v2 = v0 * v1
v3 = v2.sum()
v4, = T.autograd.grad((v3,), (v1,))
