# A grad set by hand has the dtype of its tensor.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = T.tensor([1.0, 2.0], dtype=T.float64)
v0.grad = v1
