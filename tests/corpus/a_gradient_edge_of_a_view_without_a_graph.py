# There is no gradient edge of a view of a leaf that was made in inference mode.
v0 = T.tensor([[1.0]], requires_grad=True)
with T.inference_mode(mode=True):
    v1 = T.linalg.diagonal(v0)
e0 = T.autograd.graph.get_gradient_edge(v1)
