# What does not require grad is not walked.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = T.tensor([3.0, 4.0])
v2 = v1 * v1
v3 = v0 * v2
v4 = v3.sum()
v4.backward()
v5 = v2.grad_fn
