# A complex scalar does not start backward by itself.
v0 = T.tensor(complex(1.0, 2.0), requires_grad=True)
v1 = v0 * v0
v1.backward()
