# Values are counted in bins and one by one; weights that require grad give a node that cannot be passed.
v0 = T.tensor([1.0, 2.0, 2.5, -1.0], requires_grad=True)
v1 = T.histc(v0, 4)
v2 = T.histc(v0, 3, 0, 2)
v3 = T.tensor([1, 2, 1, 4])
v4 = T.bincount(v3, minlength=6)
v5 = v3.bincount(v0)
try:
    v6 = T.histc(v0, 4, 1, 0)
except Exception as error:
    print(error)
v7 = v5.sum()
try:
    v7.backward()
except Exception as error:
    print(error)
