# An angle of complex numbers is contiguous however they lie.
v0 = T.tensor([[complex(1.0, 2.0), complex(0.5, 1.0)], [complex(1.0, -2.0), complex(2.0, 1.0)]])
v1 = v0.mT
v2 = v1.angle()
