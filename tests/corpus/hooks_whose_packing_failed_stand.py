# Hooks of a saved tensor stand although packing failed; the one that unpacks is given nothing.
v0 = T.tensor(1.0, requires_grad=True)
v1 = v0.mul(v0)
n0 = v1.grad_fn
u0 = n0._raw_saved_self
try:
    u0.register_hooks(lambda saved: 1 / 0, lambda saved: saved)
except Exception as error:
    print(error)
v2, = T.autograd.grad((v1,), (v0,))
