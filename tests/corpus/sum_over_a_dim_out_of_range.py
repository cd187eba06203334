# A dimension that is not there is an IndexError.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0.sum(2)
