# Values and indices of index_put_ may not share memory with what is written.
v0 = T.tensor([0, 1, 2])
v1 = v0[:2]
v2 = T.tensor([3, 4])
v0.index_put_((v1,), v2)
