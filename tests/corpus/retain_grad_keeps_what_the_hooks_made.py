# retain_grad keeps what the hooks made of the gradient, even of those registered after it.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 3
v1.retain_grad()
h0 = v1.register_hook(lambda grad: grad * 2)
v2 = v1.sum()
v2.backward()
