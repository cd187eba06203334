# A formula refuses an operand that was a result when it was saved and was made a leaf since.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 2
v2 = v1 * v1
v1.detach_()
v3 = v2.sum()
v3.backward()
