# A leaf no more: written into with a history, it has lost its hooks, in older graphs too.
v0 = T.tensor(1.0, requires_grad=True)
h0 = v0.register_hook(lambda grad: grad * 2)
v1 = v0 * 3
v0.requires_grad_(False)
v0.fill_(v1)
v1.backward()
