# A hook registered before an in-place write sees the gradient of the old value.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 3
h0 = v1.register_hook(lambda grad: grad * 2)
v1.mul_(5)
v2 = v1.sum()
v2.backward()
