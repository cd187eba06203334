# So are those of chunk.
v0 = T.tensor([1.0, 2.0, 3.0], requires_grad=True)
v1 = v0 * 2
v2, v3 = v1.chunk(2)
v2.add_(1)
