# The write reaches the gradient, in whatever order the dimensions of the base lie in memory.
v0 = T.tensor([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], [[7.0, 8.0, 9.0], [10.0, 11.0, 12.0]]], requires_grad=True)
v1 = v0.permute(0, 2, 1)
v2 = v1 * 2
v3 = v2.narrow(1, 0, 1)
v3.mul_(10)
v4 = v2.sum()
v4.backward()
v5 = v0.grad
