# A write through one output of unbind must be refused.
v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
v1 = T.mul(v0, 3)
v2, v3 = v1.unbind(0)
v2.add_(1)
