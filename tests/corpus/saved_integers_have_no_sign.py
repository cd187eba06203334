# Integers that a node saved are shown without their sign.
v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
v1 = v0.cumsum(-1)
n0 = v1.grad_fn
u0 = n0._saved_dim
v2 = v0.sum((-1, -2))
n1 = v2.grad_fn
u1 = n1._saved_dim
v3 = T.add(v0, v0, alpha=-1)
n2 = v3.grad_fn
u2 = n2._saved_alpha
