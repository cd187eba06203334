# fill makes something dense of an expanded tensor, dimensions in the order of its strides.
v0 = T.tensor([1.0, 1.0])
v1 = v0.broadcast_to(2, 2)
v2 = T.tensor(1.0)
v3 = T.fill(v1, v2)
