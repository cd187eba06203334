# Of padding that takes more than there is, each kind says something of its own.
v0 = T.ones(1, 2, 2, 2)
try:
    v1 = T.nn.functional.pad(v0, (-2, -1, 0, 0), 'reflect')
except Exception as error:
    print(error)
try:
    v2 = T.nn.functional.pad(v0, (-2, -1, 0, 0), 'replicate')
except Exception as error:
    print(error)
try:
    v3 = T.nn.functional.pad(v0, (-2, -1, -3, 0), 'reflect')
except Exception as error:
    print(error)
v4 = T.nn.functional.pad(v0, (-2, -1, -3, 0), 'replicate')
