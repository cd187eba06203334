# All uses of a leaf lead to the same AccumulateGrad.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 2
v2 = v0 + 3
v3 = v1 * v2
v4 = v3.sum()
