# copy_ takes over history as an assignment would.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = T.zeros((2,))
v1.copy_(v0)
v2 = v1.grad_fn
v3 = v1.sum()
v3.backward()
