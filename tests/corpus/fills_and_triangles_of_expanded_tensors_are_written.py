# Fills may write to one place several times; triangles write only what they take away.
v0 = T.tensor([1.0])
v1 = v0.expand(2, 2)
v1.fill_(3)
v1.triu_()
v1.zero_()
v1.tril_()
