# A sum of a tensor without dimensions is itself with a node.
v0 = T.tensor(3.0, requires_grad=True)
v1 = v0.sum()
v2 = v0.sum(0)
v1.backward()
