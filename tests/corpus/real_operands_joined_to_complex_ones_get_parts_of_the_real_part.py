# The real part of the gradient is taken once, and real operands get their parts of that.
v0 = T.tensor([complex(1.0, 0.0)], dtype=T.complex128)
v1 = T.tensor([1.0], requires_grad=True)
v2 = T.cat((v0, v1, v0))
v3, = T.autograd.grad((v2,), (v1,), grad_outputs=(v2,), create_graph=True)
v4 = T.block_diag(v0, v1)
v5, = T.autograd.grad((v4,), (v1,), grad_outputs=(v4,), create_graph=True)
