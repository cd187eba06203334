# The gradient of a real function of a complex tensor is conjugated.
v0 = T.tensor([complex(1.0, 2.0), complex(3.0, -4.0)], requires_grad=True)
v1 = v0 * v0
v2 = v1.real
v3 = v2.sum()
v3.backward()
