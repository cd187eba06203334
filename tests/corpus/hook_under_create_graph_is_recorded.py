# Under create_graph what a hook does is part of the graph.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * v0
h0 = v1.register_hook(lambda grad: grad * grad)
v2 = v1 * v0
v3 = v2.sum()
v4, = T.autograd.grad((v3,), (v0,), create_graph=True)
v5 = v4.sum()
v6, = T.autograd.grad((v5,), (v0,))
