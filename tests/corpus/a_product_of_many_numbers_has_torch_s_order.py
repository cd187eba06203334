# Products begin at 1, and rows that fill vectors are multiplied in these, as overflow and zeros show.
v0 = T.tensor([[complex(1.0, 0.0), complex(2.0, 0.0), complex(1.0, 3.0)], [complex(0.5, 3.0), complex(3.4e+38, 16777216.0), complex(-3.0, -3.0)]])
v1 = v0.prod(1)
v2 = T.prod(v0)
v3 = T.full((40,), 1e+30)
v4 = v3.prod()
v5 = T.tensor(complex(float('inf'), 1.0))
v6 = v5.prod()
