# T.tensor of a tensor copies and warns.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = T.tensor(v0)
v2 = v1.requires_grad
