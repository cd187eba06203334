# With a number beside it an operand says how the result lies, as it does alone.
v0 = T.tensor([[2.0, 3.0], [4.0, 5.0]])
v1 = v0.t()
v2 = T.special.zeta(v1, 2)
v3 = T.special.zeta(3, v1)
