# Reading grad_fn twice gives the same object.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 2
v2 = v1.grad_fn
v3 = v1.grad_fn
v4 = v2 == v3
