# The sign of a zero is a fact.
v0 = T.tensor([0.0, -0.0, 1.0], requires_grad=True)
v1 = -v0
v2 = v0 * -1.0
v3 = v0 + 0.0
v4 = v1 / v0
print(v1)
