# What two formulas name is saved whether or not their edges lead anywhere.
v0 = T.eye(1)
v1 = T.tensor(1.0, requires_grad=True)
v2 = v1.addcdiv(v0, v0)
v2.backward()
v3, = T.autograd.grad((v2,), (v1,))
