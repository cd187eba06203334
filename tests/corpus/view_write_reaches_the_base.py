# A write into a view changes the base, and the base's history goes through CopySlices.
v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
v1 = v0 * 2
v2 = v1.select(0, 0)
v2.mul_(10)
v3 = v1.grad_fn
v4 = v3.next_functions
v5 = v1.sum()
v5.backward()
print(v1)
