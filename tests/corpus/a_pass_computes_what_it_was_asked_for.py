# A pass computes the gradients that it was asked for: of others, nothing is saved that hooks would see.
v0 = T.tensor(1.0)
with T.autograd.graph.saved_tensors_hooks(lambda saved: saved, lambda saved: saved):
    v1, v2 = T.autograd.functional.jvp(lambda x: x.exp(), v0, create_graph=True)
