# Shapes that do not fit are refused.
v0 = T.tensor([1.0, 2.0])
v1 = T.tensor([1.0, 2.0, 3.0])
v2 = v0 * v1
