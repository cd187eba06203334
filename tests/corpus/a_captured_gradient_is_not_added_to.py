# What is added to a gradient that grad() returns leaves that one alone.
v0 = T.tensor(1.0, requires_grad=True)
v1 = v0.add(v0, alpha=2.0)
v2 = v1.mean()
v3, v4 = T.autograd.grad((v2,), (v1, v0))
