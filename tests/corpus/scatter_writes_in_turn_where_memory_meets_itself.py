# What scatter writes last stays where memory meets itself.
v0 = T.tensor([1.0, 2.0, 3.0], requires_grad=True)
v1 = T.mul(v0, 1)
v2 = T.as_strided(v1, (2, 2), (1, 1))
v3 = T.tensor([[0, 1], [1, 0]])
v4 = T.tensor([[5.0, 6.0], [7.0, 8.0]])
v2.scatter_(0, v3, v4)
v1.backward(v0)
