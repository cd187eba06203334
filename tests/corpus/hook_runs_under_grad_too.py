# autograd.grad runs the hooks of the tensors it captures.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
h0 = v0.register_hook(lambda grad: grad * 2)
v1 = v0 * 3
h1 = v1.register_hook(lambda grad: grad + 1)
v2 = v1.sum()
v3, v4 = T.autograd.grad((v2,), (v0, v1))
