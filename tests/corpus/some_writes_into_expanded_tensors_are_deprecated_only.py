# Indices and masks may write into what is expanded, with a warning; what was written last is left.
v0 = T.tensor([1.0])
v1 = v0.expand(3)
v2 = T.tensor([0, 1])
v3 = T.tensor([5.0, 6.0])
v1.index_put_((v2,), v3)
v4 = T.tensor([True, False, True])
v1.masked_fill_(v4, 2)
v1[v4] = 3.0
v1.index_fill_(0, v2, 4.0)
v1.index_put_((v2,), v3, True)
