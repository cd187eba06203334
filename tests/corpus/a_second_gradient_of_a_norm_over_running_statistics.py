# In evaluation the weight's share of a second gradient is scaled before the gradient lays it out.
v0 = T.tensor([[1.0, 1.0], [1.0, 1.0]], requires_grad=True)
v1 = T.tensor([1.0, 1.0], requires_grad=True)
v2 = T.tensor([1.0, 1.0])
v3 = T.nn.functional.batch_norm(v0, running_mean=v2, running_var=v2, weight=v1)
v4 = T.fft.ihfft(v3, 2, 0)
v5, = T.autograd.grad((v4,), (v1,), grad_outputs=(v4,), create_graph=True)
v6, = T.autograd.grad((v5,), (v0,), grad_outputs=(v1,))
