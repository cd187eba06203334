# Where vectors compute otherwise, what is chosen lies as the operand all the same.
v0 = T.tensor([[2.0, -0.5, -0.5], [-0.5, 3.0, -0.5], [-0.5, -0.5, 3.0]], dtype=T.float64)
v1 = T.linalg.cholesky(v0)
v2 = T.lerp(v1, v1, 1)
v3 = T.nn.functional.softshrink(v1)
v4 = T.maximum(v1, v1)
