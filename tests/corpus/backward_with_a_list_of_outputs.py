# T.autograd.backward takes several outputs, each with its gradient or None for a scalar.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 2
v2 = v0.sum()
v3 = T.tensor([1.0, -1.0])
T.autograd.backward((v1, v2), (v3, None))
