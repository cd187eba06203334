# A dimension that is not there is an IndexError.
v0 = T.tensor([1.0, 2.0])
v1, v2 = v0.unbind(1)
