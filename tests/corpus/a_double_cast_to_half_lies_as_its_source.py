# What is summed to another dtype expands its gradient, which is then laid out as any copy of an expanded tensor is.
v0 = T.tensor([[[1.0, 1.0]], [[1.0, 1.0]]], dtype=T.float16, requires_grad=True)
v1 = T.sum(v0, dim=0, dtype=T.float64)
v2, = T.autograd.grad((v1,), (v0,), grad_outputs=(v1,))
