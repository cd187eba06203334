# var over dims has the correction 1, of all elements none that its node shows.
v0 = T.tensor(1.0, requires_grad=True)
v1 = T.var(v0, (0,))
n0 = v1.grad_fn
u0 = n0._saved_correction
