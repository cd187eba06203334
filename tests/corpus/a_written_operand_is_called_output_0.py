# Of what it saved of operands, torch does not know which output it was.
v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
v1, v2 = T.linalg.qr(v0)
v3 = v2 * v2
with T.no_grad():
    v2.add_(1)
v3.backward(v3)
