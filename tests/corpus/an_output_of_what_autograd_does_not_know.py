# Forms with out= that autograd knows nothing of: an operand that requires grad leaves a node that cannot be passed.
v0 = T.tensor([[2.0, 1.0], [3.0, 0.5]], requires_grad=True)
v1 = T.zeros(2, 2)
v2 = T.floor_divide(v0, v0, out=v1)
v3 = T.zeros(4)
v4 = T.diag(v0, out=v3)
v5 = T.empty(0)
v8 = T.softmax(v0, 0, out=v5)
try:
    v6 = T.softmax(v1, 0, out=v0)
except Exception as error:
    print(error)
v7 = v1.sum()
try:
    v7.backward()
except Exception as error:
    print(error)
