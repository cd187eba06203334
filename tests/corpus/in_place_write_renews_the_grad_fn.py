# An in-place op puts a new node in front and moves the version.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 + 1
v2 = v1.grad_fn
v1.mul_(v0)
v3 = v1.grad_fn
v4 = v3.next_functions
v5 = v1._version
v6 = v1.sum()
v6.backward()
