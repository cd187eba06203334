# Nothing is taken off the right side of a single equation, so that a zero keeps its sign, in several columns, too.
v0 = T.tensor([[-0.0, 1.0, -0.0, 0.0, -0.0]])
v1 = T.tensor([[1.0]])
v2 = T.tensor([[-2.0]])
v3 = T.cholesky_solve(v0, v1)
v4 = T.linalg.solve_triangular(v2, v0, upper=False)
v5 = T.linalg.solve(v2, v0)
