# On a leaf retain_grad does nothing: retains_grad stays False.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v0.retain_grad()
v1 = v0.retains_grad
v2 = v0.sum()
v2.backward()
