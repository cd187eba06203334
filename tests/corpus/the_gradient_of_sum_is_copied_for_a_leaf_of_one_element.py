# A gradient that sum expanded is copied into .grad, for one element too.
v0 = T.tensor([1.0], requires_grad=True)
v1 = T.sum(v0)
T.autograd.backward((v1,))
v2 = v0.grad
