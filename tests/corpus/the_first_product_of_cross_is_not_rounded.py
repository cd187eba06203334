# cross rounds the second product only.
v0 = T.tensor([[1.0, 1.0, 1.0], [-0.5, -3.4060477105413156e-08, -8.515357308169769e-09]])
v1 = v0.ldexp(v0)
v2 = T.linalg.cross(v1, v1)
v3 = T.linalg.cross(v2, v2)
