# What the gradient of conj is asked for looks into the cotangent.
v0 = T.tensor([complex(1.0, 2.0), complex(1.0, -3.0)], requires_grad=True)
v1 = T.conj(v0)
v2, = T.autograd.grad((v1,), (v0,), grad_outputs=(v0,))
v3 = v0.detach()
v4, = T.autograd.grad((v1,), (v0,), grad_outputs=(v3,))
v5 = v3.conj()
v6, = T.autograd.grad((v1,), (v0,), grad_outputs=(v5,))
v7 = v0 * 2
h0 = v7.register_hook(lambda grad: grad.detach())
v8, = T.autograd.grad((v7,), (v0,), grad_outputs=(v5,))
v9 = v1 + v0
v10, = T.autograd.grad((v9,), (v0,), grad_outputs=(v5,))
v11 = v1.imag
v12, = T.autograd.grad((v11,), (v0,), grad_outputs=(v11,))
