# Which matrices are singular is asked by steps that pack their operands; so is what is finite.
v0 = T.tensor([[1.5, 0.0], [0.0, 3.0]], requires_grad=True)
v1 = T.tensor([0.5, 2.0], requires_grad=True)
with T.autograd.graph.saved_tensors_hooks(lambda saved: saved.detach(), lambda saved: saved):
    v2 = v0.det()
    v3, = T.autograd.grad((v2,), (v0,), grad_outputs=(v2,), create_graph=True)
    v4 = T.nan_to_num(v1)
    v5, = T.autograd.grad((v4,), (v1,), grad_outputs=(v4,), create_graph=True)
