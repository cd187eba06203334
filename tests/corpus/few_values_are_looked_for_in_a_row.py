# Among few values torch looks in a row, which those that lie in columns cannot be viewed as.
v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]])
v1 = v0.t()
try:
    v2 = T.isin(v0, v1)
except Exception as error:
    print(error)
v3 = T.isin(v1, v0)
