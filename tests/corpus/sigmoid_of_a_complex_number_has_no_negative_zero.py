# Sigmoid of a complex number has no negative zero.
v0 = T.tensor([complex(1.0, -0.0)])
v1 = T.sigmoid(v0)
