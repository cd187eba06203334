# A tensor may be multiplied into itself.
v0 = T.tensor([2.0, 3.0], requires_grad=True)
v1 = v0 + 0
v1.mul_(v1)
v2 = v1.sum()
v2.backward()
