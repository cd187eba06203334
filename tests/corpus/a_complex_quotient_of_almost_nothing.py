# The sign of a quotient that is zero shows that one of two terms is not rounded, but in what is left of pairs.
v0 = T.tensor([[1.0, 1.0], [1.0, 1.401298464324817e-45]])
v1 = T.tensor(complex(0.5, -2.0))
v2 = v0.div(v1)
v3 = T.tensor([[complex(1e-30, 0.0), complex(0.0, 1e-45), complex(1e-30, 0.0)], [complex(1e-42, 0.0), complex(1e-30, 0.0), complex(1e-45, 1e-45)]])
v4 = T.tensor([[complex(1e+30, 0.1)], [complex(-1.0, 0.5)]])
v5 = v3 / v4
v6 = v3.t()
v7 = v4.t()
v8 = v6 / v7
v9 = v5.conj()
v10 = v9 / v3
