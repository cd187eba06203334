# A leaf used twice: its hook sees the sum.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
h0 = v0.register_hook(lambda grad: grad * grad)
v1 = v0 * v0
v2 = v1 + v0
v3 = v2.sum()
v3.backward()
