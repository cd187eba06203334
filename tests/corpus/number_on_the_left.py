# A number on the left: reflected operators have their own nodes.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = 2 * v0
v2 = 2 + v0
v3 = 2 - v0
v4 = 2 / v0
v5 = v1 * v2
v6 = v3 * v4
v7 = v5 + v6
v8 = v7.sum()
v8.backward()
