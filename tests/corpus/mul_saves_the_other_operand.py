# And a change of that other operand is caught.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = T.tensor([3.0, 4.0])
v2 = v0 * v1
v1.add_(1)
v3 = v2.sum()
v3.backward()
