# amin names a dimension without elements as it was given, counted from the end.
v0 = T.zeros((2, 0))
v1 = v0.amin(-1)
