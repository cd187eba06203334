# retain_grad keeps a copy, so that the gradient itself may be added to in place.
v0 = T.tensor(1.0, requires_grad=True)
v1 = T.sub(v0, v0)
v2, v3 = T.sort(v1)
v1.retain_grad()
v2.backward()
v4 = v0.grad
