# A diagonal is filled through a view by strides; of a tall matrix it begins anew below each square if that is asked for.
v0 = T.ones((5, 2), requires_grad=True)
v1 = v0 * 2
v1.fill_diagonal_(3)
v2 = v0 * 2
v2.fill_diagonal_(0.5, wrap=True)
v3 = v1 * v2
v4 = v3.sum()
v4.backward()
v5 = v0.grad
v6 = T.zeros((2, 2, 2))
v6.fill_diagonal_(1)
try:
    v0.fill_diagonal_(1)
except Exception as error:
    print(error)
