# Both gradients of polar use one conjugate of what arrived.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = T.tensor([0.5, -1.0], requires_grad=True)
v2 = T.polar(v0, v1)
v3 = T.tensor([complex(1.0, 2.0), complex(-1.0, 0.5)], dtype=T.complex64, requires_grad=True)
v4, v5 = T.autograd.grad((v2,), (v0, v1), grad_outputs=(v3,), create_graph=True)
v6 = T.tensor([1.0, 1.0])
v7, v8 = T.autograd.grad((v5,), (v0, v3), grad_outputs=(v6,))
