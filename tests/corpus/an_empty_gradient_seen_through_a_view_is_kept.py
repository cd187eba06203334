# An empty gradient that is a view of nothing else is kept as it arrives, not copied.
v0 = T.tensor([], dtype=T.complex128, requires_grad=True)
v1 = T.imag(v0)
v1.backward(v1)
v2 = v0.grad
v2.zero_()
