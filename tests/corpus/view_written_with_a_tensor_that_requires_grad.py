# A base without history that takes in some through a view has it from then on.
v0 = T.zeros((2, 2))
v1 = T.tensor([1.0, 2.0], requires_grad=True)
v2 = v0.select(0, 0)
v2.copy_(v1)
v3 = v0.requires_grad
v4 = v0.is_leaf
v5 = v0.grad_fn
v6 = v0.sum()
v6.backward()
