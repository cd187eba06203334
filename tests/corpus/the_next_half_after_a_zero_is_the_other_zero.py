# nextafter of equal numbers is the second, of halves too.
v0 = T.tensor([0.0, -0.0, 1.0], dtype=T.float16)
v1 = T.tensor([-0.0, 0.0, 1e-07], dtype=T.float16)
v2 = T.nextafter(v0, v1)
