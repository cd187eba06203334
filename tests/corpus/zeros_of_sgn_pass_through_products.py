# The gradient of sgn is no more than a zero, which stays one when multiplied by what is negative.
v0 = T.tensor([1.0, -2.0], requires_grad=True)
v1 = T.linalg.vector_norm(v0, 1.0)
v2 = T.linalg.vector_norm(v1, ord=1.0)
v3, = T.autograd.grad((v2,), (v0,), create_graph=True)
v3.backward(v0)
