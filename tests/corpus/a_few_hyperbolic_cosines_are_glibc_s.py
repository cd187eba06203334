# In vectors each is the nearest number; alone they are rounded as glibc does, which a cosine of a multiple shows.
v0 = T.tensor([1.0, 0.3, 2.2])
v1 = v0.cosh()
v2 = v0.sinh()
v3 = v1 * 1000000.0
v4 = v3.cos()
