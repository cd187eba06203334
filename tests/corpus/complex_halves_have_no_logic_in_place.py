# In place complex halves warn of one conversion more, and mind the shape first.
v0 = T.tensor(1.0, dtype=T.complex64)
v1 = T.tensor([1.0], dtype=T.float16)
v1.logical_xor_(v0)
