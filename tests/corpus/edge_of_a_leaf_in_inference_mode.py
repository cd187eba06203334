# The edge of a leaf is found through a view, which has no history in inference mode.
v0 = T.tensor(1.0, requires_grad=True)
with T.inference_mode():
    e0 = T.autograd.graph.get_gradient_edge(v0)
