# What a hook detached is added to in place once nobody holds what the hook was given.
v0 = T.tensor(1.0, requires_grad=True)
v1 = T.rsub(v0, v0)
v2 = T.rsub(v1, v0)
v3 = T.rsub(v2, v2)
h0 = v2.register_hook(lambda grad: grad.detach())
v4, = T.autograd.grad((v3,), (v0,))
