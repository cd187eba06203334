# What comes back for a grid is laid out flat, by a copy where it must be.
v0 = T.tensor([[[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]], requires_grad=True)
v1 = T.nn.functional.affine_grid(v0, (1, 1, 3, 2), align_corners=False)
v2 = T.fft.ifft(v1, 2, 2)
v2.backward(v2)
