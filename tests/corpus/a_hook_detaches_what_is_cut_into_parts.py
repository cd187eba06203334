# A gradient of several elements that a hook detached is the base of its parts.
v0 = T.tensor([1.0], requires_grad=True)
v1 = T.tensor([1.0, 1.0])
v2 = T.cartesian_prod(v0, v1)
h0 = v2.register_hook(lambda grad: grad.detach())
T.autograd.backward((v2,), (v2,))
