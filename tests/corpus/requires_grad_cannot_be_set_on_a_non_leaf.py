# requires_grad of a non-leaf cannot be assigned, not even to what it is; the words differ from clearing it.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 2
v1.requires_grad = True
