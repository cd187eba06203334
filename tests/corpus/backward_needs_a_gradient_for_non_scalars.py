# Only a single element starts backward by itself.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 2
v1.backward()
