# A tensor turned by 90 degrees lies as the flipped copy of it does, transposed.
v0 = T.tensor([1.0, 1.0])
v1, v2, v3 = T.meshgrid([v0, v0, v0])
v4 = T.rot90(v2)
