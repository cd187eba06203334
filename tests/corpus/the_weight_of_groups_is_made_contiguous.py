# An expanded weight is copied before groups are normalized, and the copy is recorded.
v0 = T.tensor([[1.0, 2.0], [3.0, 5.0]], requires_grad=True)
v1 = T.tensor([2.0], requires_grad=True)
v2 = v1.expand(2)
v3 = T.group_norm(v0, 1, v2)
