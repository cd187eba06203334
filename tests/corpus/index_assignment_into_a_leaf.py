# Assigning to an index of a leaf is refused.
v0 = T.tensor([1.0, 2.0, 3.0], requires_grad=True)
v0[1] = 7.0
