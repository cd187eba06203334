# What is rolled keeps its channels innermost, unless it is rolled by nothing.
v0 = T.ones((2, 3, 2, 2))
v1 = v0.contiguous(memory_format=T.channels_last)
v2 = T.roll(v1, 1, 0)
v3 = T.roll(v1, 0, 1)
v4 = T.fft.fftshift(v1, 1)
v5 = T.ones((1, 3))
v6 = v5.expand(3, 3)
v7 = T.diff(v6, 0)
