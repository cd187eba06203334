# The gradient does not pass through detach.
v0 = T.tensor([2.0, 3.0], requires_grad=True)
v1 = v0.detach()
v2 = v0 * v1
v3 = v2.sum()
v3.backward()
