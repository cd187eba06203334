# Detaching a leaf gives a new tensor that does not require grad.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0.detach()
v2 = v1.is_leaf
v3 = v1._is_view()
