# The real part of a complex tensor without elements is a view of every second number, which its gradients show.
v0 = T.zeros((0, 3), dtype=T.complex64)
v1 = v0.real
v2 = v0.imag
v3 = T.ones((0,), requires_grad=True)
v4 = T.ones((0,), requires_grad=True)
v5 = T.polar(v3, v4)
v5.backward(v5)
v6 = v3.to(T.complex64)
v6.backward(v6)
