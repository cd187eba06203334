# A view of a tensor without grad may be made to require it.
v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]])
v1 = v0.select(0, 0)
v1.requires_grad_()
v2 = v1.is_leaf
v3 = v1 * 2
v4 = v3.sum()
v4.backward()
