# A convolution over one dimension makes its input contiguous, but what is so by chance suggests channels innermost.
v0 = T.tensor([[1.0, 1.0]])
v1 = v0.t()
v2 = T.tensor([[[1.0], [1.0]], [[1.0], [1.0]]])
v3 = T.conv1d(v1, v2, padding=1)
