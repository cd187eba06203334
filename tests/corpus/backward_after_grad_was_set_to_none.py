# Setting grad to None starts anew.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 3
v2 = v1.sum()
v2.backward()
v0.grad = None
v3 = v0 * 5
v4 = v3.sum()
v4.backward()
