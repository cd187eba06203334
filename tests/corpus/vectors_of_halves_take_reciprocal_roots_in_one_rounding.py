# A half by itself is rounded after its root, too; in vectors it is rounded once.
v0 = T.tensor([1.0, 1.275], dtype=T.float16)
v1 = v0.rsqrt()
v2 = T.full((35,), 1.275, dtype=T.float16)
v3 = v2.rsqrt()
