# A write through a view that needs no grad leaves the hooks of its base where they are, and later ones go there too.
v0 = T.tensor([1.0], requires_grad=True)
h0 = v0.register_hook(lambda grad: grad * 2)
v1 = v0 * 1
v0.requires_grad_(False)
v2 = v0.view(1)
v2.mul_(v1)
h1 = v0.register_hook(lambda grad: grad + 1)
v0.backward()
