# A matrix product keeps the strides of what requires grad, though no edge leads there.
v0 = T.tensor([[1.0]], requires_grad=True)
with T.inference_mode():
    v1 = v0.view(1, 1)
v2 = v1.mm(v0)
v3 = T.tensor([[2.0]])
v4 = v3.mm(v0)
