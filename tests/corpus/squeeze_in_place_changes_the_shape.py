# squeeze_ changes the tensor itself and its history.
v0 = T.tensor([[1.0, 2.0]], requires_grad=True)
v1 = v0 * 2
v1.squeeze_(0)
v2 = v1.grad_fn
v3 = v1._version
v4 = v1.sum()
v4.backward()
