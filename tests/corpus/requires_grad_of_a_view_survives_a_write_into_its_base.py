# What was made to require grad as a view stays a leaf when its base is written.
v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]])
v1 = v0.select(0, 0)
v1.requires_grad_()
v0.mul_(2)
v2 = v1.grad_fn
v3 = v1 * 2
