# detach_ makes a result a leaf.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 2
v1.detach_()
v2 = v1.is_leaf
v3 = v1.requires_grad
v4 = v1._version
