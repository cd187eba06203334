# An empty part of what was joined is filled, which its version shows.
v0 = T.tensor([], requires_grad=True)
v1, v2 = T.split_with_sizes_copy(v0, (0, 0))
v3, = T.autograd.grad((v2,), (v0,), grad_outputs=(v0,), create_graph=True)
v4 = T.tensor([1.0, 1.0], requires_grad=True)
v5 = T.cat((v0, v4))
v6, v7 = T.autograd.grad((v5,), (v0, v4), grad_outputs=(v4,))
v8 = T.stack((v4,))
v9, = T.autograd.grad((v8,), (v4,), grad_outputs=(v8,))
