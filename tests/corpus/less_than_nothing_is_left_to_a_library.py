# A transposed convolution that a library computes may leave nothing, but is refused in its words where less is left.
v0 = T.ones((2, 2, 1))
v1 = T.ones((2, 1, 2))
v2 = T.nn.functional.conv_transpose1d(v0, v1, None, 3, 1)
v3 = T.nn.functional.conv_transpose1d(v0, v1, None, 2, 1, 0, 2)
try:
    v4 = T.nn.functional.conv_transpose1d(v0, v1, None, 2, 7)
except Exception as error:
    print(error)
try:
    v5 = T.nn.functional.conv_transpose1d(v0, v1, None, 2, 1, 2)
except Exception as error:
    print(error)
v6 = v0.double()
v7 = v1.double()
try:
    v8 = T.nn.functional.conv_transpose1d(v6, v7, None, 3, 1)
except Exception as error:
    print(error)
