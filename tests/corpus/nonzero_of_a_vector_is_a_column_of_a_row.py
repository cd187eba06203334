# What nonzero finds lies dimension by dimension, of a vector, too.
v0 = T.tensor([1.0, 0.0, 3.0])
v1 = T.nonzero(v0)
v2 = T.argwhere(v0)
