# The divisor's gradient needs the dividend.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = T.tensor([4.0, 8.0], requires_grad=True)
v2 = v0 + 0
v3 = v2 / v1
v2.mul_(2)
v4 = v3.sum()
v4.backward()
