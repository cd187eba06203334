# Integers cannot require gradients.
v0 = T.tensor([1, 2])
v0.requires_grad = True
