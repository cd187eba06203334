# The mean that a variance's gradient takes off is added up in the order of a sum: here nothing is left of it.
v0 = T.fft.fftfreq(n=5, requires_grad=True)
v1 = v0.var()
v1.backward()
