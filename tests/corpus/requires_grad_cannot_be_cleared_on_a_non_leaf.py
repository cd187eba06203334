# requires_grad of a non-leaf cannot be switched off.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 2
v1.requires_grad = False
