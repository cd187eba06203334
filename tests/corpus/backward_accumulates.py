# A second backward adds to the first.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 3
v2 = v1.sum()
v2.backward()
v3 = v0 * 5
v4 = v3.sum()
v4.backward()
v5 = v0.grad
