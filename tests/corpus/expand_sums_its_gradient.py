# The gradient of expand is the sum.
v0 = T.tensor([[1.0], [2.0]], requires_grad=True)
v1 = v0.expand(2, 3)
v2 = T.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
v1.backward(v2)
