# The formula of fill leaves the gradient of a real value complex, which is refused.
v0 = T.tensor(1.0, dtype=T.complex64)
v1 = T.tensor(1.0, requires_grad=True)
v2 = T.fill(v0, v1)
v2.backward(v0)
