# A tensor without dimensions has no length.
v0 = T.tensor(1.0)
v1 = len(v0)
