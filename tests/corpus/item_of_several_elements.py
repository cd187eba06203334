# Nor are they a number.
v0 = T.tensor([1.0, 2.0])
v1 = v0.item()
