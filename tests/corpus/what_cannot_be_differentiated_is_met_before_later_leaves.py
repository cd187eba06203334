# What has no derivative is met in the order of the edges, before leaves that stand behind it get anything.
v0 = T.tensor(1.0, requires_grad=True)
v1 = T.detach_copy(v0)
v2 = T.tensor(1.0, requires_grad=True)
v3 = T.fill(v1, v2)
v3.backward()
