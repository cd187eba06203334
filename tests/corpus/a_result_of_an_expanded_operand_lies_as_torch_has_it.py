# Expanded dimensions of size beyond 1 say nothing of the order of a new result's.
v0 = T.tensor([1, 1])
v1 = v0.expand(2, 2)
v2 = v1.round()
v3 = T.tensor([[[1.0, 1.0, 1.0]], [[2.0, 2.0, 2.0]]])
v4 = v3.transpose(0, 2)
v5 = v4.expand(3, 2, 2)
v6 = v5.exp()
v7 = v5.neg()
v8 = v5 + v5
