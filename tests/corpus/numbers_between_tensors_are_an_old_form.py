# Numbers that stand between tensors, as they once did, are warned of and mean what they meant.
v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
v1 = T.add(v0, 2, v0)
v2 = v1.sub(0.5, v0)
v3 = v2.addcmul_(2, v0, v0)
v4 = T.addmm(2, v3, 3, v0, v0)
v5 = v4.addmm(2, v0, v0)
try:
    v6 = T.rsub(v0, 2, v0)
except Exception as error:
    print(error)
try:
    v7 = T.add(v0, 2.5, 3, alpha=2)
except Exception as error:
    print(error)
