# A node without derivative runs before all others that are ready.
v0 = T.tensor(1.0)
v1 = T.tensor(1.0, requires_grad=True)
v2 = T.floor_divide(v0, v1)
v3 = T.sqrt(v1)
v3.backward()
T.autograd.backward((v3, v2))
