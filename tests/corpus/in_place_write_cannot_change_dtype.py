# A float does not fit into integers.
v0 = T.tensor([1, 2])
v0.add_(1.5)
