# What is saved after detach_() is saved as a leaf, and is no trouble.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 2
v1.detach_()
v2 = v1 * v0
v3 = v2.sum()
v3.backward()
