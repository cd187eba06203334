# A quotient asked for without rounding shows None.
v0 = T.tensor(1.0, requires_grad=True)
v1 = T.tensor(2.0)
v2 = T.div(v0, v1, rounding_mode=None)
n0 = v2.grad_fn
u0 = n0._saved_rounding_mode
