# A tensor without dimensions does not widen within its category.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = T.tensor(3.0, dtype=T.float64, requires_grad=True)
v2 = v0 * v1
v3 = v2.sum()
v3.backward()
