# An integer beyond 64 bits is no operand, whatever the dtype beside it.
v0 = T.tensor([1.0, 2.0])
try:
    v1 = v0 + 18446744073709551616
except Exception as error:
    print(error)
try:
    v2 = v0 * -9223372036854775809
except Exception as error:
    print(error)
