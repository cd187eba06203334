# Made and written under no_grad: allowed, and every sharer's version moves.
v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
v1 = v0 * 2
with T.no_grad():
    v2, v3 = v1.unbind(0)
    v2.add_(1)
print(v1)
