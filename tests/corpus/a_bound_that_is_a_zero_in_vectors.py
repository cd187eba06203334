# Of two zeros a bound given as a tensor wins, in vectors.
v0 = T.tensor(-0.0, dtype=T.float64)
v1 = T.zeros((17,), dtype=T.float64)
v2 = T.clamp_max(v0, v1)
v3 = v1.clip(v0)
v4 = T.clamp(v1, v0, v1)
