# An exponential that is greater than any number makes them infinite; of the smallest number half is nothing.
v0 = T.tensor([90.0, -90.0, 1e-45, 4e-45, float('inf')], requires_grad=True)
v1 = v0.i0()
v2 = T.special.i1(v0)
v3 = T.special.i1e(v0)
v4 = T.tensor([1.0, 1.0, float('-inf'), 1.0, 1.0])
v1.backward(v4)
