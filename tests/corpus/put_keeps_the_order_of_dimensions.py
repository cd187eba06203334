# put and what comes of it lie in memory as the input does.
v0 = T.tensor([[[[1.0, 1.0], [1.0, 1.0]]], [[[1.0, 1.0], [1.0, 1.0]]]])
v1 = v0.permute(0, 3, 1, 2)
v2 = T.tensor([[[[1, 1]], [[1, 1]]], [[[1, 1]], [[1, 1]]]])
v3 = v1.put(v2, v0)
v3.lgamma_()
