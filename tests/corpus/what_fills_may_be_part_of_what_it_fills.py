# fill_ reads its value before it writes.
v0 = T.tensor([1.0, 2.0, 3.0])
v1, v2, v3 = v0.unbind()
v0.fill_(v2)
v4 = T.tensor([1.0, 2.0, 3.0], requires_grad=True)
v5 = v4 * 2
v6 = v5[1]
v5.fill_(v6)
v7 = v5.sum()
v7.backward()
