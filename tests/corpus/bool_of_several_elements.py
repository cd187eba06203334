# Several elements are neither true nor false.
v0 = T.tensor([1.0, 2.0])
v1 = bool(v0)
