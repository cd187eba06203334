# What is written to is the first argument of the function.
v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
v1 = v0 * 1
v2 = T.tensor([0, 1])
v3 = T.tensor([5.0, 6.0])
v4 = T.index_put_(v1, (v2, v2), v3)
v5 = T.addmv_(v3, v0, v3)
v6 = T.conj_physical_(v1)
v7 = T.as_strided_(v6, (2,), (1,))
v8 = v7 + v5
v8.backward(v8)
