# A leaf is reached before an op without derivative that waits for one gradient more.
v0 = T.tensor(1.0, requires_grad=True)
v1 = T.tensor(0)
v2 = T.scatter(v0, 0, v1, v0, reduce='multiply')
v3 = T.tensor(1.0, requires_grad=True)
v4 = T.clip(v2, v3, v2)
T.autograd.backward((v4,))
