# After a write into the base, even the grad_fn of an output of unbind is refused.
v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
v1 = v0 * 2
v2, v3 = v1.unbind(0)
v1.mul_(3)
v4 = v2.grad_fn
