# Nor can they when they are made.
v0 = T.tensor([1, 2], requires_grad=True)
