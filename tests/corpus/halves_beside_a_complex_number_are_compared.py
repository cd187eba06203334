# Halves beside a complex number are compared in complex numbers of halves, with warnings.
v0 = T.tensor([1.0, 70000.0, 1.0003], dtype=T.float16)
v1 = T.tensor(complex(1.0003, 0.0))
v2 = v0.eq(v1)
v3 = v0.ne(complex(70000.0, 0.0))
v0.eq_(v1)
v1.ne_(v0)
