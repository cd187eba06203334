# The result of an op is no view of its operand.
v0 = T.tensor([1.0, 2.0])
v1 = v0 + 0
v1.mul_(2)
print(v0)
