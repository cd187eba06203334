# Unbinding a dimension of size 0 gives nothing.
v0 = T.zeros((0, 3), requires_grad=True)
v1 = v0.unbind(0)
v2 = len(v1)
