# Torch's kernel wants the gradient of distances contiguous: it is copied first, which is recorded.
v0 = T.tensor([[1.0, 1.0], [1.0, 1.0]], requires_grad=True)
v1 = T.cdist(v0, v0)
v2 = v1.t()
v3, = T.autograd.grad((v1,), (v0,), grad_outputs=(v2,), create_graph=True)
