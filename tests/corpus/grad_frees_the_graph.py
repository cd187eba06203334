# autograd.grad frees the graph too.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * v0
v2 = v1.sum()
v3, = T.autograd.grad((v2,), (v0,))
v4, = T.autograd.grad((v2,), (v0,))
