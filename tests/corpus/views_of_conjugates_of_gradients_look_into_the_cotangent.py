# The gradient of H is a view, and so is that of any other view of a conjugate.
v0 = T.tensor([[complex(1.0, 2.0), complex(3.0, 1.0)]], requires_grad=True)
v1 = v0.H
v3 = T.tensor([[complex(1.0, 2.0)], [complex(3.0, 1.0)]])
v2, = T.autograd.grad((v1,), (v0,), grad_outputs=(v3,))
v4 = v0.mH
v5 = v3.t()
v6, = T.autograd.grad((v4,), (v0,), grad_outputs=(v3,))
v7 = v0.conj()
v8 = v7[0]
v9 = T.tensor([complex(1.0, 2.0), complex(5.0, 2.0)])
v10 = v0.view(2)
v11 = v10.conj()
v12, = T.autograd.grad((v11,), (v0,), grad_outputs=(v9,))
