# backward with create_graph warns of a cycle and gives a gradient with history.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * v0
v2 = v1.sum()
v2.backward(create_graph=True)
v3 = v0.grad
v4 = v3.grad_fn
v5 = v3.requires_grad
