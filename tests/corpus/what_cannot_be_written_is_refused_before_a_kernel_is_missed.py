# In place, the dtype of the result must fit before anybody asks whether there is a kernel for it.
v0 = T.tensor([1, 2])
v1 = T.tensor([complex(0.0, 1.0), complex(0.0, 2.0)])
v2 = T.tensor([1.0, 2.0])
try:
    v0.remainder_(v1)
except Exception as error:
    print(error)
try:
    v0.bitwise_and_(v2)
except Exception as error:
    print(error)
