# A leaf may start backward: its gradient is one.
v0 = T.tensor(5.0, requires_grad=True)
v0.backward()
