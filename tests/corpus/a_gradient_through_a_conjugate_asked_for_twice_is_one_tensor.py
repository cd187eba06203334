# Whether it is real or a view of a conjugate.
v0 = T.tensor([1.0, 1.0], requires_grad=True)
v1 = T.fft.hfft(v0)
v2, v3 = T.autograd.grad((v1,), (v0, v0), grad_outputs=(v0,))
v4 = T.tensor([[complex(1.0, 2.0)]], requires_grad=True)
v5 = v4.H
v6, v7 = T.autograd.grad((v5,), (v4, v4), grad_outputs=(v4,))
