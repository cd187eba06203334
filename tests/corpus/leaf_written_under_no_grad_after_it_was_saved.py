# A write under no_grad still counts as a change of a saved tensor.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * v0
with T.no_grad():
    v0.mul_(3)
v2 = v1.sum()
v2.backward()
