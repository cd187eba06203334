# Where a graph was asked for, expanded gradients meet out of place even in inference mode.
v0 = T.tensor([1.0, 1.0], requires_grad=True)
v1 = T.trapezoid(v0)
with T.inference_mode():
    v2, = T.autograd.grad((v1,), (v0,), create_graph=True)
