# Lesson 3: backward fills `.grad` of leaves alone.
v0 = T.tensor(2.0, requires_grad=True)
v1 = T.tensor(3.0, requires_grad=True)
v2 = T.tensor(4.0, requires_grad=True)
v3 = v0 * v1
v4 = v3 * v2
v4.backward()
v5 = v3.grad
