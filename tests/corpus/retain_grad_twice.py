# retain_grad twice is retain_grad once.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 3
v1.retain_grad()
v1.retain_grad()
v2 = v1.sum()
v2.backward()
