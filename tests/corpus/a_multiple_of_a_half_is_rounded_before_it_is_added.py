# alpha times a half is rounded, and may overflow, but in vectors.
v0 = T.full((33,), -60000.0, dtype=T.float16)
v1 = T.full((33,), 60000.0, dtype=T.float16)
v2 = T.add(v0, v1, alpha=2)
v3 = T.sub(v1, v1, alpha=2)
