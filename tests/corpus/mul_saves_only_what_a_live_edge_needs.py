# Where only one operand requires grad, only the other is saved.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 + 0
v2 = T.tensor([3.0, 4.0])
v3 = v1 * v2
v1.add_(1)
v4 = v3.sum()
v4.backward()
