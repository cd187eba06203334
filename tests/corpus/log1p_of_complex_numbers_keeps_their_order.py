# Whatever torch's way to a logarithm, the result lies as the operand does.
v0 = T.tensor([[complex(1.0, 0.0), complex(1.0, 0.0)], [complex(1.0, 0.0), complex(1.0, 0.0)]])
v1 = v0.t()
v3 = v1.log1p()
