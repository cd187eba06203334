# Powers of what is infinite in a part multiply as C does, which keeps infinity.
v0 = T.tensor([complex(float('-inf'), float('nan')), complex(1.0, 2.0)], dtype=T.complex128)
v1 = v0.pow(2.5)
v2 = T.pow(2.0, v0)
