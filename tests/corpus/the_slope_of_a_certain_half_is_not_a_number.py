# What keeps other dtypes from dividing by zero is no half.
v0 = T.tensor([1.0, 0.0, 0.5], dtype=T.float16, requires_grad=True)
v1 = T.tensor([1.0, 0.0, 1.0], dtype=T.float16)
v2 = T.nn.functional.binary_cross_entropy(v0, v1)
v2.backward()
