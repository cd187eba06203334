# What a hook returns replaces the gradient.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 3
h0 = v1.register_hook(lambda grad: grad * 2)
v2 = v1.sum()
v2.backward()
