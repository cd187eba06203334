# A grad set by hand is added to.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = T.tensor([10.0, 20.0])
v0.grad = v1
v2 = v0.sum()
v2.backward()
print(v1)
