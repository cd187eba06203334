# Of several outputs that are ready at once, the first goes first: a leaf behind what has no derivative gets nothing.
v0 = T.tensor(1.0, requires_grad=True)
v1 = T.tensor(1.0, requires_grad=True)
v2 = T.detach_copy(v1)
T.autograd.backward((v2, v0))
