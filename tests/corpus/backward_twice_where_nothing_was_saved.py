# Ops that save nothing let the graph be walked again.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 + v0
v2 = v1.sum()
v2.backward()
v2.backward()
