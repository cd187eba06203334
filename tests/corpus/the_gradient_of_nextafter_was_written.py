# The gradient of nextafter for its second operand is zeros of that operand's dtype, with one write behind them.
v0 = T.tensor(1.0, dtype=T.float64)
v1 = T.tensor(1.0, requires_grad=True)
v2 = v0.nextafter(v1)
v3, = T.autograd.grad((v2,), (v1,))
