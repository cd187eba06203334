# What is padded around is written piece by piece, along the last dimension first.
v0 = T.tensor([[[1.0, 2.0], [3.0, 4.0]]], requires_grad=True)
v1 = T.nn.functional.pad(v0, (1, 0, 1, 1), 'circular')
v2 = T.tensor([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0], [1.0, 2.0, 3.0]]])
v3, = T.autograd.grad((v1,), (v0,), grad_outputs=(v2,))
