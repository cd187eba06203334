# What is left of losses that cancel shows the order in which they are added.
v0 = T.tensor([[[float('inf'), 1e-45, -0.0], [1e-45, -0.5, -1.0]], [[-0.5, 3.0, -2.0], [-2.0, 1.0, 2.0]]])
v1 = T.tensor([[1, 0, 1], [-100, 1, -100]])
v2 = T.nn.functional.nll_loss(v0, v1)
v3 = T.tensor([[1.0, 0.3], [1e+20, 0.2], [-1e+20, 0.1]])
v4 = T.tensor([0, 0, 0])
v5 = T.nn.functional.nll_loss(v3, v4, reduction='sum')
