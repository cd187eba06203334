# Of two terms of a complex quotient one is not rounded, as a zero shows.
v0 = T.tensor([[complex(1.0, 1.0), complex(1.0, 0.0)], [complex(1.0, 0.0), complex(1e-38, -1e-30)]])
v1 = v0 / v0
