# Broadcasting against an empty tensor gives zeros for gradients.
v0 = T.zeros((0, 1), requires_grad=True)
v1 = T.tensor([1.0, 2.0, 3.0], requires_grad=True)
v2 = v0 * v1
v3 = v2.sum()
v3.backward()
