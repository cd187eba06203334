# What is refused bears the name of the very form that was called, and what is checked last is said last.
v0 = T.ones(2, 3, 4)
try:
    v0.t_()
except Exception as error:
    print(error)
try:
    v0.t()
except Exception as error:
    print(error)
try:
    v0.narrow_copy(1, 0, -1)
except Exception as error:
    print(error)
try:
    v0.narrow(1, 0, -1)
except Exception as error:
    print(error)
v1 = T.zeros(0, 4, requires_grad=True)
try:
    T.nn.functional.max_pool1d(v1, 1)
except Exception as error:
    print(error)
v2 = T.tensor([1, 0], dtype=T.uint8)
v3 = T.zeros(2)
v4 = T.ones(2)
try:
    v3.masked_scatter(v2, v4)
except Exception as error:
    print(error)
try:
    v3.masked_scatter_(v2, v4)
except Exception as error:
    print(error)
