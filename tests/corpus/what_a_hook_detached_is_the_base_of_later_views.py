# A detached gradient that a hook returned is looked into from then on, not what it was detached from.
v0 = T.tensor(1.0, requires_grad=True)
v1 = v0.diagflat()
h0 = v1.register_hook(lambda grad: grad.detach())
v2, = T.autograd.grad((v1,), (v0,), grad_outputs=(v1,))
