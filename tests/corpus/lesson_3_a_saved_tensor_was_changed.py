# Lesson 3: a tensor that was saved and then changed in place is caught by its version.
v0 = T.tensor(2.0, requires_grad=True)
v1 = T.tensor(3.0, requires_grad=True)
v2 = T.tensor(4.0, requires_grad=True)
v3 = v0 * v1
v4 = v3 * v2
v3.add_(1)
v5 = v3._version
v4.backward()
