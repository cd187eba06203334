# A leaf that requires grad must not be written to.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v0.add_(1)
