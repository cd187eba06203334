# An operand of fewer dimensions is broadcast; its gradient is summed.
v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
v1 = T.tensor([5.0, 6.0], requires_grad=True)
v2 = v0 + 0
v2.mul_(v1)
v3 = v2.sum()
v3.backward()
