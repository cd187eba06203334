# The quotient that a product's gradient is made of is multiplied as complex numbers are by the op.
v0 = T.tensor([[complex(1e-38, 1e-38), complex(1.0, 0.0)], [complex(2.0, 0.0), complex(0.5, 1.0)]])
v1 = v0.t()
v1.requires_grad_()
v2 = T.prod(v1, dim=0)
v2.backward(v2)
