# A view made under no_grad must not be written to with grad mode on.
v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
v1 = v0 * 2
with T.no_grad():
    v2 = v1.select(0, 0)
v2.mul_(3)
