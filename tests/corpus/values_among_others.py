# Values are looked up among sorted ones and others, and each kept once, of which no gradient is known.
v0 = T.tensor([3.0, 1.0, 2.0, 1.0], requires_grad=True)
v1 = T.tensor([1.0, 2.0, 3.0])
v2 = T.searchsorted(v1, v0, right=True)
v3 = T.bucketize(v0, v1, out_int32=True)
v4 = T.isin(v0, v1, invert=True)
v5, v6, v7 = T.unique(v0, return_inverse=True, return_counts=True)
v8 = T.tensor([[1.0, 2.0], [1.0, 2.0], [0.0, 1.0]], requires_grad=True)
v9 = T.unique(v8, dim=0)
v10, v11 = v8.unique_consecutive(return_counts=True)
v12 = T.nonzero_static(v8, size=3)
v13 = v5.sum()
try:
    v13.backward()
except Exception as error:
    print(error)
v14 = v9.sum()
try:
    v14.backward()
except Exception as error:
    print(error)
try:
    v15 = T.searchsorted(v1, v0, side='left', right=True)
except Exception as error:
    print(error)
