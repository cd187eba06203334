# A conjugate copy keeps the strides of dimensions of size 1, which later transforms go by.
v0 = T.tensor([[[[[1.0, 1.0]]], [[[1.0, 1.0]]]]], requires_grad=True)
v1 = T.nn.functional.interpolate(v0, 2, None, 'trilinear')
v2 = T.fft.ihfft2(v1, None, (0, 1))
v3 = T.tensor([[[[[complex(1.0, 0.0), complex(1.0, 0.0)], [complex(1.0, 0.0), complex(1.0, 0.0)]], [[complex(1.0, 0.0), complex(1.0, 0.0)], [complex(1.0, 0.0), complex(1.0, 0.0)]]], [[[complex(1.0, 0.0), complex(1.0, 0.0)], [complex(1.0, 0.0), complex(1.0, 0.0)]], [[complex(1.0, 0.0), complex(1.0, 0.0)], [complex(1.0, 0.0), complex(1.0, 0.0)]]]]])
v4, = T.autograd.grad((v2,), (v0,), grad_outputs=(v3,))
