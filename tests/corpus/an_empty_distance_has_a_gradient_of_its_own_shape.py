# The gradient of an empty cdist has the shape of its operand, not that of the batches.
v0 = T.zeros((2, 0, 1))
v1 = T.tensor([[1.0]], requires_grad=True)
v2 = T.cdist(v0, v1)
v3, = T.autograd.grad((v2,), (v1,), grad_outputs=(v0,))
