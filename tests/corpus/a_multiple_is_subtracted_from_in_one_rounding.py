# rsub is sub the other way round.
v0 = T.tensor([0.0001, -2.5, 70000.0])
v1 = T.rsub(v0, v0, alpha=3)
v2 = T.rsub(v0, 1.5, alpha=0.1)
