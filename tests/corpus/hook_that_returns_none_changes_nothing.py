# A hook that returns None only looks.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
h0 = v0.register_hook(lambda grad: None)
v1 = v0.sum()
v1.backward()
