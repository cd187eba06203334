# Of numbers so large that a power of them underflows nothing is left, though the sum would be a number.
v0 = T.tensor([1e+90, 1e+75, 2500000000.0], dtype=T.float64)
v1 = v0.polygamma(3)
v2 = T.tensor([1e-45], dtype=T.float64)
v3 = v2.polygamma(1)
v4 = v3.polygamma(2)
v5 = T.polygamma(7, v2)
