# Lesson 1, with backward: the same words.
v0 = T.tensor([1.0, 2.0])
v1 = v0.sum()
v1.backward()
