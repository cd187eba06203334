# A gradient without elements is copied, too, where its strides are not those of the leaf.
v0 = T.zeros((0, 3), requires_grad=True)
v1 = v0.H
v2 = T.tensor([[], [], []])
v1.backward(v2)
v3 = v0.grad
