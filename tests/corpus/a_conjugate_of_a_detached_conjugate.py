# A gradient conjugated back after a hook has detached it is a view of what the hook returned.
v0 = T.tensor(complex(1.0, 0.0), requires_grad=True)
v1 = v0.mH
h0 = v1.register_hook(lambda grad: grad.detach())
v2 = v1.mH
v3, = T.autograd.grad((v2,), (v0,), grad_outputs=(v0,))
