# Unfold of a number hands its gradient back.
v0 = T.tensor(2.0, requires_grad=True)
v1 = v0.unfold(0, 1, 1)
v2 = T.tensor([-0.0])
v1.backward(v2)
