# What a node saved can be read until it is freed.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = T.tensor([3.0, 4.0])
v2 = v0 * v1
v3 = v2.grad_fn
v4 = v3._saved_other
v5 = v3._saved_self
v6 = v2.sum()
v6.backward()
v7 = v3._saved_other
