# A removed hook is not called.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
h0 = v0.register_hook(lambda grad: grad * 2)
h0.remove()
v1 = v0.sum()
v1.backward()
