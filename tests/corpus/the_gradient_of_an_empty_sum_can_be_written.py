v0 = T.tensor([], requires_grad=True)
v1 = T.sum(v0)
v2, = T.autograd.grad((v1,), (v0,))
v2.mul_(1)
