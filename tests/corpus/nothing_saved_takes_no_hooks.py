# Where a node saved nothing there is nothing to pack.
v0 = T.tensor(1.0)
v1 = T.tensor(1.0, requires_grad=True)
v2 = T.div(v1, v0)
n0 = v2.grad_fn
u0 = n0._raw_saved_self
u0.register_hooks(lambda saved: saved, lambda saved: saved)
