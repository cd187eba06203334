# A write into a view of a view reaches base and both views.
v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
v1 = v0 * 2
v2 = v1.t()
v3 = v2.select(0, 1)
v3.add_(5)
v4 = v2.grad_fn
v5 = v1 * v1
v6 = v5.sum()
v6.backward()
print(v1)
