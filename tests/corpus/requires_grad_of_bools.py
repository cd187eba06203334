# Nor can bools.
v0 = T.tensor([True, False])
v0.requires_grad_()
