# A tensor that the pass does not reach retains nothing.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 3
v1.retain_grad()
v2 = v0 * 5
v3 = v2.sum()
v3.backward()
