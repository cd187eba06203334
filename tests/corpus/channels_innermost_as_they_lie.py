# Channels that lie innermost but for single sizes make a result with them innermost.
v0 = T.tensor([[[[1.0], [1.0]], [[1.0], [1.0]]]])
v1 = T.fft.irfft2(v0, None, (0, 1))
v2 = T.nn.functional.lp_pool2d(v1, 1.0, 1)
