# A tensor used twice gets the sum of both gradients.
v0 = T.tensor([2.0, 3.0], requires_grad=True)
v1 = v0 * v0
v2 = v1 + v0
v3 = v2.sum()
v3.backward()
