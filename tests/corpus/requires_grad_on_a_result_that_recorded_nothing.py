# A result of ops that recorded nothing is a leaf, and may require grad.
v0 = T.tensor([1.0, 2.0])
v1 = v0 * 2
v1.requires_grad_()
v2 = v1 * 3
v3 = v2.sum()
v3.backward()
