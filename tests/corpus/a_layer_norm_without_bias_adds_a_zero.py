# Normalised over the last dimensions without a bias, what is nothing is not below zero.
v0 = T.tensor([[1.0, 2.0, 0.0], [2.0, -1.0, 2.0]])
v1 = T.tensor([[-0.0, -2.0, 3.0], [2.0, 0.0, -1.0]])
v2 = T.layer_norm(v0, (2, 3), v1, None, 0.5)
v3 = v2.signbit()
