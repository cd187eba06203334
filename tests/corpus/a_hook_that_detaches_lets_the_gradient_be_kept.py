# A hook's detached gradient that nobody else holds becomes .grad without a copy.
v0 = T.tensor(1.0, requires_grad=True)
h0 = v0.register_hook(lambda grad: grad.detach())
v0.backward()
v1 = v0.grad
v1.zero_()
