# The gradient of mse_loss for the cotangent is what its own formula gives, summed by the engine.
v0 = T.tensor([1.0], requires_grad=True)
v1 = T.nn.functional.mse_loss(v0, v0)
v2, = T.autograd.grad((v1,), (v0,), grad_outputs=(v1,), create_graph=True)
v3, = T.autograd.grad((v2,), (v1,), create_graph=True)
