# masked_scatter broadcasts before it compares dtypes; in place it expands the mask afterwards.
v0 = T.tensor([1.0, 2.0, 3.0])
v1 = T.tensor([True, False])
v2 = T.tensor([1.0], dtype=T.float64)
try:
    v3 = T.masked_scatter(v0, v1, v2)
except Exception as error:
    print(error)
v4 = T.tensor([[True, False, True]])
try:
    v5 = v0.masked_scatter_(v4, v0)
except Exception as error:
    print(error)
