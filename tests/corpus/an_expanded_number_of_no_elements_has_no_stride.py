# Expanded to nothing, a number has a stride of 0, through a cast too, so that a leaf's gradient is copied.
v0 = T.tensor([], dtype=T.float64, requires_grad=True)
v1 = v0.sum(dtype=T.float32)
v1.backward()
v2 = T.tensor(1.0)
v3 = v2.broadcast_to(0)
v4 = T.zeros((2, 0))
v5 = v4.rot90()
