# The product that addcmul adds is not rounded before it is added, so that what is lost below zero keeps its sign.
v0 = T.tensor([1.0, 0.0, -1.0])
v1 = T.tensor([1.0, -1e-30, 1.0000001])
v2 = T.tensor([1.0, 1e-30, 1.0])
v3 = v0.addcmul(v1, v2)
v4 = T.addcmul(v0, v1, v2, value=0.5)
