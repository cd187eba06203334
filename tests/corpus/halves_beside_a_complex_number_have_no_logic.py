# Halves decide over a complex number without dimensions: nothing logical is computed of such.
v0 = T.tensor(1.0, dtype=T.complex64)
v1 = T.tensor([2.0], dtype=T.float16)
v2 = v1.logical_xor(v0)
