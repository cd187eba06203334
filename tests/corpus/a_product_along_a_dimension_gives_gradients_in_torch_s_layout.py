# What a product of a transposed operand leaves behind is laid out by torch's own steps.
v0 = T.tensor([[1.0, 1.0, 1.0], [1.0, 1.0, 0.0]], requires_grad=True)
v1 = v0.rot90()
v2 = v1.prod(0)
v3, = T.autograd.grad((v2,), (v0,), grad_outputs=(v2,))
