# Lesson 3: retain_graph keeps the saved tensors for a second pass, which accumulates.
v0 = T.tensor(2.0, requires_grad=True)
v1 = T.tensor(3.0, requires_grad=True)
v2 = v0 * v1
v2.backward(retain_graph=True)
v2.backward()
