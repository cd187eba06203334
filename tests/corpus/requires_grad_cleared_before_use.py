# A leaf that stopped requiring grad records nothing.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v0.requires_grad_(False)
v1 = v0 * 3
