# Hardtanh lets the gradient of nan through.
v0 = T.tensor([float('nan'), 7.0, 1.0], requires_grad=True)
v1 = T.nn.functional.hardtanh(v0)
v2 = T.ones_like(v1)
v1.backward(v2)
