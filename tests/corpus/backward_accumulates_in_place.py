# The second backward adds into the same tensor, which whoever held it sees.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 3
v2 = v1.sum()
v2.backward()
v3 = v0.grad
v4 = v0 * 5
v5 = v4.sum()
v5.backward()
v6 = v0.grad
print(v3)
