# A single element leaves the graph as a number.
v0 = T.tensor([1.5], requires_grad=True)
v1 = v0.item()
v2 = float(v0)
v3 = int(v0)
v4 = bool(v0)
v5 = len(v0)
