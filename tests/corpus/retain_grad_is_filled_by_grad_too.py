# autograd.grad fills no `.grad` of leaves, but it fills that of a tensor that retains its own.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 3
v1.retain_grad()
v2 = v1.sum()
v3, = T.autograd.grad((v2,), (v0,))
v4 = v0.grad
v5 = v1.grad
