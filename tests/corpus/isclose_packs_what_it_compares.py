# isclose is composed of products and differences, which save what packing hooks then see.
v0 = T.tensor(1.0, requires_grad=True)
with T.autograd.graph.saved_tensors_hooks(lambda saved: saved, lambda saved: saved):
    v1 = v0.isclose(v0)
