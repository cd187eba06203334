# Where two factors are zero the gradient of a product is nothing, of complex numbers as well.
v0 = T.tensor([complex(0.0, 0.0), complex(0.0, -0.0), complex(1e+30, 1e+30), complex(1e+30, 1e+30)], requires_grad=True)
v1 = v0.prod()
v1.backward()
