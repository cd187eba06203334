# A hook on one output of unbind leaves the others alone.
v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
v1, v2 = v0.unbind()
h0 = v2.register_hook(lambda grad: -grad)
v3 = v1 * v2
v4 = v3.sum()
v4.backward()
