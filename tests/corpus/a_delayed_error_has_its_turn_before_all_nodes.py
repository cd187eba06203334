# A second derivative that does not exist is complained of before older nodes run, and warn.
v0 = T.tensor([1.0, 1.0, 0.0], requires_grad=True)
v1 = T.tensor([0, 0, 0])
v2 = T.index_reduce(v0, 0, v1, v0, reduce='prod')
v3 = T.index_reduce(v0, 0, v1, v2, reduce='prod')
v4, = T.autograd.grad((v3,), (v0,), grad_outputs=(v0,), create_graph=True)
v5, = T.autograd.grad((v4,), (v0,), grad_outputs=(v0,))
