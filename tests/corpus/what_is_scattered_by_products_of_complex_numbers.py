# Each product is made by itself, one after the other, and overflows as such.
v0 = T.tensor([complex(1.0, 0.0), complex(-1e+300, -2e+270), complex(2e+30, float('inf'))], dtype=T.complex128)
v1 = T.tensor([0, 0, 0])
v2 = T.scatter(v0, 0, v1, v0, reduce='multiply')
v3 = T.tensor([complex(1e-30, 1e-30), complex(1e-38, -1e-42), complex(3.0, 1e+30)])
v4 = T.tensor([2, 0, 2])
v5 = v3.scatter(0, v4, v3, reduce='multiply')
v6 = v3.reshape(3, 1)
v7 = v6 * v6
v8 = v3 * v7
