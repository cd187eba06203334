# Gradients are had for intermediates too; the leaf is not reached.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 3
v2 = v1 * v1
v3 = v2.sum()
v4, = T.autograd.grad((v3,), (v1,))
v5 = v0.grad
