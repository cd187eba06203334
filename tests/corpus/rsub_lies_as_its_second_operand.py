# rsub asks its second operand first how the result is to lie.
v0 = T.tensor([[1.0, 1.0], [1.0, 1.0]])
v1, v2 = T.linalg.qr(v0)
v3 = T.rsub(v1, v0)
