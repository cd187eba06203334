# A node made while no hook was left is told of those that come later.
v0 = T.tensor(1.0, requires_grad=True)
h0 = v0.register_hook(lambda grad: grad * 2)
h0.remove()
v1 = v0.erfc()
h1 = v0.register_hook(lambda grad: grad * 0)
v2 = T.tensor(0.0)
v1.backward(v2)
