# The sum of no elements is zero.
v0 = T.zeros((0, 3), requires_grad=True)
v1 = v0.sum()
v2 = v0.sum(0)
v1.backward()
