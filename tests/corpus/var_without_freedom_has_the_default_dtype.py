# Where no degree of freedom is left, the gradient of var comes in the default dtype and is converted.
v0 = T.tensor([1.0], dtype=T.float64, requires_grad=True)
v1 = v0.var()
v2, = T.autograd.grad((v1,), (v0,), grad_outputs=(v1,), create_graph=True)
