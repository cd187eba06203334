# Part of a tensor is copied into another part.
v0 = T.tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
v1 = v0 * 1
v2 = v1.narrow(0, 0, 2)
v3 = v1.narrow(0, 2, 2)
v2.copy_(v3)
v4 = v1.sum()
v4.backward()
print(v1)
