# The gradient of an output with respect to itself is one.
v0 = T.tensor(2.0, requires_grad=True)
v1 = v0 * 3
v2, = T.autograd.grad((v1,), (v1,))
