# A write whose operand has elements in common with what is written takes its turns for lerp and logic, too.
v0 = T.tensor([[1.0, 2.0], [1.0, 3.0]])
v1 = T.select(v0, 1, 1)
v0.lerp_(v1, weight=0.25)
v0.lerp_(v1, v1)
v2 = T.tensor([[1.0, 0.0], [0.0, 3.0]])
v3 = T.select(v2, 1, 1)
v2.logical_or_(v3)
