# An output of unbind made under no_grad is refused where grad mode is on.
v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
v1 = v0 * 2
with T.no_grad():
    v2, v3 = v1.unbind(0)
v2.add_(1)
