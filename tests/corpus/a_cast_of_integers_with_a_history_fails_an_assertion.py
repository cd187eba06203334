# The same of a cast, whose formula makes integers of the gradient itself.
v0 = T.tensor([1.0], requires_grad=True)
v1 = T.tensor([1])
v1.gt_(v0)
v2 = v1.to(T.float32)
v2.backward()
