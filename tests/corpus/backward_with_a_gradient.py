# A given gradient is pulled back.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * v0
v2 = T.tensor([1.0, -1.0])
v1.backward(v2)
