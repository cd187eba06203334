# Asking for the gradient of a leaf that stopped requiring it is refused.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 3
v0.requires_grad = False
v2 = v1.sum()
v3, = T.autograd.grad((v2,), (v0,))
