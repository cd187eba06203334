# None stands for one where the output is a scalar.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0.sum()
v2 = v0 * 2
v3 = T.tensor([1.0, 1.0])
v4, = T.autograd.grad((v1, v2), (v0,), grad_outputs=(None, v3))
