# The second gradient of a sum of losses is summed by its edge: that of one number stays the one that was written to.
v0 = T.tensor(1.0, requires_grad=True)
v1 = T.tensor(1.0)
v2 = T.nn.functional.binary_cross_entropy(v0, v1, reduction='sum')
v3, = T.autograd.grad((v2,), (v0,), grad_outputs=(v0,), create_graph=True)
v4, = T.autograd.grad((v3,), (v0,))
