# However the operand of min and median lies.
v0 = T.tensor([[1.0, 2.0, 2.0], [1.0, 3.0, 4.0]], requires_grad=True)
v1 = v0.t()
v2 = v1 * 2
v3 = v2.min()
v4, = T.autograd.grad((v3,), (v2,), create_graph=True)
v5 = v2.median()
v6, = T.autograd.grad((v5,), (v2,), create_graph=True)
