# What is cast on the way has strides of its own, by which the result is laid out; huber_loss goes by its input.
v0 = T.tensor(1.0)
v1 = v0.expand(3, 2)
v2 = T.zeros((2, 3), dtype=T.float64)
v3 = v2.t()
v4 = v1 + v3
v5 = T.zeros((2, 3))
v6 = v5.t()
v7 = T.nn.functional.huber_loss(v0, v6, reduction='none')
