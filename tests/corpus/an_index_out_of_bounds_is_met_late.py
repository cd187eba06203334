# An index out of bounds is only met where there is an element to be read or written, and after what is written fits.
v0 = T.zeros((2, 0), requires_grad=True)
v1 = v0[[5]]
v2 = T.zeros((2, 5))
v3 = T.tensor([0, 1, 2])
v4 = T.tensor([1.0, 2.0, 3.0])
try:
    v5 = v2.index_put((v3,), v4)
except Exception as error:
    print(error)
