# A hook returns a tensor or None.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
h0 = v0.register_hook(lambda grad: 1)
v1 = v0.sum()
v1.backward()
