# An op without derivative is met when its last gradient is there: a leaf before that has its own.
v0 = T.tensor([1.0], requires_grad=True)
v1 = T.tensor(0)
v2 = T.scatter(v0, 0, v1, 0, reduce='add')
v3 = T.tensor([[1.0]], requires_grad=True)
v4 = T.addmv(v2, v3, v2)
T.autograd.backward((v4,))
