# The gradient of a complex deviation subtracts the mean as torch subtracts complex numbers, which signs of zeros show.
v0 = T.tensor([complex(-0.0, -1.0)], dtype=T.complex64, requires_grad=True)
v1 = v0.std(None, correction=0.5)
v1.backward()
