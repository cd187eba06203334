# The graph keeps what it needs.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 2
v2 = v1 * v1
del v1
v3 = v2.sum()
v3.backward()
