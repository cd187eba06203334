# The gradient has the shape of the output.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 2
v2 = T.tensor([1.0, 2.0, 3.0])
v1.backward(v2)
