# What a node returns is held against its edges before it lets go of what it saved: the second pass fails alike.
v0 = T.tensor(1.0, requires_grad=True)
v1 = T.tensor([1.0, 1.0], dtype=T.complex64)
v2 = T.tensor(1)
v3 = v1.index_fill(0, v2, v0)
try:
    v3.backward(v3)
except Exception as error:
    print(error)
v3.backward(v3)
