# tensorsolve counts the dimensions that its first operand has beyond those of the second.
v0 = T.ones((2, 2))
v1 = T.ones((2, 1, 3))
try:
    v2 = T.linalg.tensorsolve(v0, v1)
except Exception as error:
    print(error)
