# Dimensions of size 1 have the strides that the complex numbers had, doubled, which resampling looks at.
v0 = T.tensor([[[[1.0, 1.0]], [[1.0, 1.0]]]], requires_grad=True)
v1 = T.nn.functional.interpolate(v0, 1)
v2 = T.fft.hfft(v1, dim=1)
v3, = T.autograd.grad((v2,), (v0,), grad_outputs=(v1,))
