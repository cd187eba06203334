# The gradient of a rounded quotient is zeros, laid out as what arrived.
v0 = T.tensor([[1.0, 1.0], [1.0, 1.0]])
v1 = T.tensor([[1.0, 1.0], [1.0, 1.0]], requires_grad=True)
v2 = v0.div(v1, rounding_mode='trunc')
v3 = v2.permute((1, 0))
v4, = T.autograd.grad((v3,), (v1,), grad_outputs=(v0,))
