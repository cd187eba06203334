# requires_grad is a bool and nothing else.
v0 = T.tensor([1.0, 2.0])
v0.requires_grad = 1
