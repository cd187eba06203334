# A single number is found without a look at it; recorded, it is refused.
v0 = T.tensor(complex(1.0, 2.0))
v1, v2 = T.cummax(v0, 0)
v3, v4 = T.kthvalue(v0, 1)
v5 = T.tensor(complex(1.0, 2.0), requires_grad=True)
v6, v7 = T.cummin(v5, 0)
v8, v9 = T.kthvalue(v5, 1)
v10, v11 = T.mode(v5)
