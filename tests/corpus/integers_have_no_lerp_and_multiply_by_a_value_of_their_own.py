# The value of addcmul is cast to the dtype of the result; bools have no addcmul, integers no lerp.
v0 = T.tensor([1, 2])
v1 = T.addcmul(v0, v0, v0, value=1.5)
v2 = T.tensor([True, False])
try:
    v3 = T.addcmul(v2, v2, v2)
except Exception as error:
    print(error)
try:
    v4 = T.lerp(v0, v0, 0.5)
except Exception as error:
    print(error)
