# A parameter shares memory and version with the tensor that it is made of, and is a leaf of its own.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = T.mul(v0, 2)
v2 = T.nn.Parameter(v1)
v3 = T.mul(v2, v2)
v4 = v3.sum()
v4.backward()
with T.no_grad():
    v2.add_(1)
v5 = v2.view(2)
v6 = v5.sum()
v6.backward()
