# Lesson 1: where nothing requires grad there is no graph, and asking for a gradient is an error.
v0 = T.tensor([1.0, 2.0])
v1 = T.tensor([3.0, 4.0])
v2 = v0 * v1
v3 = v2.sum()
print(v3)
v4, = T.autograd.grad((v3,), (v0,))
