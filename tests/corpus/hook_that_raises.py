# An exception in a hook is that of backward.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
h0 = v0.register_hook(lambda grad: 1 / 0)
v1 = v0.sum()
try:
    v1.backward()
except Exception as error:
    print(error)
v2 = v0.grad
