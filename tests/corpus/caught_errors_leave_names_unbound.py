# A name that a refused instruction would have bound does not exist.
v0 = T.tensor([1.0, 2.0])
try:
    v1, v2, v3 = v0.unbind()
except Exception as error:
    print(error)
v4 = v1 * 2
