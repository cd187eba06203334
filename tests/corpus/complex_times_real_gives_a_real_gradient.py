# The gradient of a real operand is real.
v0 = T.tensor([complex(1.0, 2.0)], requires_grad=True)
v1 = T.tensor([3.0], requires_grad=True)
v2 = v0 * v1
v3 = T.tensor([complex(1.0, 1.0)])
v2.backward(v3)
