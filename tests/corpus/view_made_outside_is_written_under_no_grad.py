# A view made with grad mode on and written under no_grad: values change, the history does not.
v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
v1 = v0 * 2
v2 = v1.select(0, 0)
with T.no_grad():
    v2.mul_(3)
v3 = v1.grad_fn
v4 = v1.sum()
v4.backward()
