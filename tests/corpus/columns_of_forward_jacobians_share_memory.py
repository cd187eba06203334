# Jacobians of several inputs along the forward mode are parts of one tensor.
v0 = T.tensor(1.0)
v1 = T.autograd.functional.jacobian(lambda x, y: x * y, (v0, v0), vectorize=True, strategy='forward-mode')
