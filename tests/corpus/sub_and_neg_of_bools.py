# Bools are not subtracted or negated.
v0 = T.tensor([True, False])
try:
    v1 = v0 - v0
except Exception as error:
    print(error)
try:
    v2 = -v0
except Exception as error:
    print(error)
v3 = v0 * v0
v4 = v0 + v0
