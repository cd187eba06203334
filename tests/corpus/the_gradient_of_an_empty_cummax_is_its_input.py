# cummax of an empty tensor has the input itself as its gradient.
v0 = T.zeros((2, 0), requires_grad=True)
v1, v2 = v0.cummin(1)
v3, = T.autograd.grad((v1,), (v0,), grad_outputs=(v0,))
