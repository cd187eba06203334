# That it was detached in place is said before that it was written to.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 2
v2 = v1 * v1
v1.detach_()
v1.add_(1)
v3 = v2.sum()
v3.backward()
