# Kernels of gradients lay their result out as pointwise ops do: the gradient that arrives comes first.
v0 = T.tensor([[1.0, 2.0], [1.0, 1.0]], requires_grad=True)
v1 = T.nn.functional.silu(v0)
v2 = v0.t()
v3, = T.autograd.grad((v1,), (v0,), grad_outputs=(v2,))
v4 = T.nn.functional.mish(v0)
v5, = T.autograd.grad((v4,), (v0,), grad_outputs=(v2,))
