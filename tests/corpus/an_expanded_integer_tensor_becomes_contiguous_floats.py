# Integers that were expanded are laid out anew where an op computes in floats.
v0 = T.tensor([True, True])
v1 = T.broadcast_to(v0, (2, 2, 2))
v2 = v1.sinc()
