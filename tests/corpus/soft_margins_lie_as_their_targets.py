# The gradient of soft_margin_loss is laid out by the target first.
v0 = T.tensor([[1.0, 1.0], [1.0, 3.0]], requires_grad=True)
v1 = T.linalg.matrix_power(v0, n=-1)
v2 = T.tensor([[1.0, 1.0], [1.0, 1.0]])
v3 = T.nn.functional.soft_margin_loss(v1, target=v2)
v4, = T.autograd.grad((v3,), (v0,), create_graph=True)
