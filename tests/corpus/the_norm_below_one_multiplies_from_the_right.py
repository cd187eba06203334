# Factors of the gradient of a norm below 1 are computed from the right, which the order of second gradients shows.
v0 = T.tensor([-1.0], requires_grad=True)
v1 = T.linalg.vector_norm(v0, ord=0.5, keepdim=True)
v2 = T.trapezoid(v1)
v3, = T.autograd.grad((v2,), (v0,), grad_outputs=(v2,), create_graph=True)
v3.backward()
