# A running sum in place over memory that meets itself reads what it has written.
v0 = T.tensor([1.0, 2.0, 3.0], requires_grad=True)
v1 = T.mul(v0, 1)
v2 = T.as_strided(v1, (2, 2), (1, 1))
v2.cumsum_(0)
v1.backward(v0)
