# Viewing under the same shape works the strides of single sizes out anew, which decides how mm differentiates.
v0 = T.tensor([[1.0], [1.0]], requires_grad=True)
v1 = T.inner(v0, v0)
v2, = T.autograd.grad((v1,), (v0,), grad_outputs=(v1,), create_graph=True)
