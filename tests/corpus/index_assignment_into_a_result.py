# Assigning to an index is an in-place write with history.
v0 = T.tensor([1.0, 2.0, 3.0], requires_grad=True)
v1 = v0 * 2
v1[1] = 7.0
v2 = v1.grad_fn
v3 = v1.sum()
v3.backward()
