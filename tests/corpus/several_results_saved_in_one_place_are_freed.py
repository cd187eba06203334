# What a pass has freed is refused to the next one, also where the op saved all its results at once.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1, v2 = v0.aminmax()
v2.backward()
v3, = T.autograd.grad((v2,), (v0,))
