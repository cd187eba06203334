# A view of a base that was written since gets a new grad_fn when it is next looked at.
v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
v1 = v0 * 2
v2 = v1.select(0, 0)
v1.mul_(10)
v3 = v2.grad_fn
v4 = v2.sum()
v4.backward()
