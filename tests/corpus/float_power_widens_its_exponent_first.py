# float_power widens its exponent first, which shows in the order of the graph.
v0 = T.tensor(1.0, requires_grad=True)
v1 = v0.float_power(v0)
v2, = T.autograd.grad((v1,), (v0,), create_graph=True)
v2.backward()
