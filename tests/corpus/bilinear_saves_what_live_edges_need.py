# Of three operands those are saved that gradients of live edges need.
v0 = T.tensor([1.0])
v1 = T.tensor([[[1.0]]], requires_grad=True)
with T.autograd.graph.saved_tensors_hooks(lambda saved: saved, lambda saved: saved.detach()):
    v2 = T.nn.functional.bilinear(v0, v0, v1)
