# A tensor that requires grad does not become an array.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0.numpy()
