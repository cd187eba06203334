# Each hook is given what the one before returned.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 3
h0 = v1.register_hook(lambda grad: grad + 1)
h1 = v1.register_hook(lambda grad: grad * 2)
v2 = v1.sum()
v2.backward()
