# Multiplying by a number saves the number alone.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 + 0
v2 = v1 * 3
v1.add_(1)
v3 = v2.sum()
v3.backward()
