# gelu of several numbers in single precision has the error function of a library.
v0 = T.tensor([-103.0, -4.969, -1.0, 3.4e+38], requires_grad=True)
v1 = T.nn.functional.gelu(v0)
v1.backward(v0)
