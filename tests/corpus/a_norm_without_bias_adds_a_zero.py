# Normalised by group or batch without a bias, what is nothing is not below zero.
v0 = T.tensor([[[-1.0, 1.0, 2.0], [-0.0, 0.5, 1.0]]])
v1 = T.tensor([0.0, 1.0])
v2 = T.tensor([1.0, 0.0])
v3 = T.tensor([1.0, 1.0])
v4 = T.nn.functional.batch_norm(v0, v2, v3, v1)
v5 = T.nn.functional.group_norm(v0, 2, v1)
v6 = v4.signbit()
v7 = v5.signbit()
