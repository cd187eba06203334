# A cotangent of integers for an output of floats.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * v0
v2 = T.tensor([5, -7])
v3, = T.autograd.grad((v1,), (v0,), grad_outputs=(v2,))
