# The gradient of view_as_complex is a copy of what is only read as conjugate.
v0 = T.tensor([1.0, 1.0], requires_grad=True)
v1 = T.view_as_complex(v0)
v2 = v1.conj()
v3, = T.autograd.grad((v2,), (v0,), grad_outputs=(v1,))
