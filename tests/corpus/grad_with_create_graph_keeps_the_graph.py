# create_graph retains the graph by itself, and the gradient has a graph of its own.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * v0
v2 = v1 * v0
v3 = v2.sum()
v4, = T.autograd.grad((v3,), (v0,), create_graph=True)
v5 = v4.sum()
v6, = T.autograd.grad((v5,), (v0,), create_graph=True)
v7 = v6.sum()
v8, = T.autograd.grad((v7,), (v0,))
