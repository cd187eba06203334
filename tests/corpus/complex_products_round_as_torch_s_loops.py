# Where terms of a complex product overflow, it shows whether a loop rounds them one by one.
v0 = T.full((9,), complex(1e+30, 1e+30))
v1 = v0 * v0
v2 = v0.square()
v3 = T.tensor([complex(1e+30, 1e+30), complex(2.0, 1.0)], dtype=T.complex64)
v4 = v3 * v3
