# One element is enough, with or without dimensions.
v0 = T.tensor([3.0], requires_grad=True)
v1 = v0 * 2
v1.backward()
