# The gradient of a sum over no elements is a view like that of any sum, and can be written in place.
v0 = T.tensor([], requires_grad=True)
v1 = T.sum(v0)
v2, = T.autograd.grad((v1,), (v0,))
v2.mul_(1)
