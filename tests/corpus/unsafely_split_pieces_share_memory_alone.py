# Pieces of an unsafe split may be written to in place: they are no views, though they share the memory.
v0 = T.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True)
v1 = v0.clone()
v2, v3 = T.unsafe_split(v1, 2, 1)
v2.mul_(3)
v4, v5 = v1.unsafe_chunk(2)
v5.exp_()
v6, v7 = v1.unsafe_split_with_sizes((1, 2), -1)
v8 = v7 * v2
v9 = v8 + v5
v10 = v9 * v1
v10.backward(v9)
