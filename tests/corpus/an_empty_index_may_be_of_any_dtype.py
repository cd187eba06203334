# Where there is nothing to look up, nobody asks.
v0 = T.tensor([1.0, 2.0, 3.0], requires_grad=True)
v1 = T.tensor([])
v2 = T.gather(v0, 0, v1)
v3 = v0.scatter(0, v1, v0)
v4 = v0.scatter(0, v1, 2.0)
