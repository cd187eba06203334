# A view made before its base came to require grad.
v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]])
v1 = v0.select(0, 0)
v0.requires_grad_()
v2 = v1.requires_grad
v3 = v1 * 2
v4 = v3.requires_grad
