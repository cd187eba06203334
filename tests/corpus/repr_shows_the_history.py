# repr says requires_grad for a leaf, grad_fn for a result, neither for others.
v0 = T.tensor([[1.0, 2.5], [3.0, 4.0]], dtype=T.float64, requires_grad=True)
v1 = v0 * 2
v2 = v0.detach()
v3 = v0.sum()
v4, v5 = v0.unbind(0)
print(v0)
print(v1)
print(v2)
print(v3)
print(v5)
