# Each operand's gradient has the operand's shape.
v0 = T.tensor([[1.0], [2.0]], requires_grad=True)
v1 = T.tensor([3.0, 4.0, 5.0], requires_grad=True)
v2 = v0 * v1
v3 = v2.sum()
v3.backward()
