# Lesson 5: c = a * b records nothing, then c.requires_grad = True makes c a leaf with a history after it.
v0 = T.tensor(2.0)
v1 = T.tensor(3.0)
v2 = v0 * v1
v2.requires_grad = True
v3 = v2.is_leaf
v4 = T.tensor(4.0)
v5 = v2 * v4
v6 = T.tensor(5.0)
v7 = v5 * v6
v8 = T.tensor(6.0)
v9 = v7 / v8
v10 = T.tensor(7.0)
v11 = v9 * v10
v12, = T.autograd.grad((v11,), (v2,))
v13 = v11.detach()
v14 = v13.requires_grad
print(v12)
