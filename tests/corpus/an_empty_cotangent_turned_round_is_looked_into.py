# The gradient of an empty transpose is a view of the cotangent, as of any other.
v0 = T.zeros((0, 2), requires_grad=True)
v1 = v0 * 2
v2 = v1.t()
v3, = T.autograd.grad((v2,), (v1,), grad_outputs=(v2,))
