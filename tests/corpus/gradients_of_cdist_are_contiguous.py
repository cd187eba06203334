# The gradient of cdist for either operand lies row by row, whatever the layout of the operand.
v0 = T.tensor([[1.0, 1.0], [1.0, 1.0]], requires_grad=True)
v1 = T.permute(v0, (-1, -2))
v2 = T.cdist(v1, v1)
v3, = T.autograd.grad((v2,), (v0,), grad_outputs=(v0,))
