# A tensor without grad that takes in one that requires grad gets its history.
v0 = T.tensor([1.0, 2.0])
v1 = T.tensor([3.0, 4.0], requires_grad=True)
v0.mul_(v1)
v2 = v0.is_leaf
v3 = v0.sum()
v3.backward()
