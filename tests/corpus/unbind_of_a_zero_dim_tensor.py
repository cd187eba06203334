# A tensor without dimensions cannot be unbound.
v0 = T.tensor(1.0, requires_grad=True)
v1, = v0.unbind()
