# Transforms of inference tensors show how often the kernel wrote its result.
with T.inference_mode():
    v0 = T.tensor([[1.0, 2.0, 3.0]])
    v1 = T.tensor([[complex(1.0, 2.0), complex(3.0, 4.0)]])
v2 = T.fft.rfft(v0)
v3 = T.fft.rfftn(v0)
v4 = T.fft.rfft2(v0, dim=(0,))
v5 = T.fft.fft(v0)
v6 = T.fft.fft(v1)
v7 = T.fft.ifft2(v1)
v8 = T.fft.irfft2(v1)
v9 = T.fft.hfft2(v1)
