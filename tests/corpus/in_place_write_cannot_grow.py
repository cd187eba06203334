# The result must fit into the receiver.
v0 = T.tensor([1.0, 2.0])
v1 = T.tensor([[1.0, 2.0], [3.0, 4.0]])
v0.add_(v1)
