# A number that needs all of 64 bits has no common dtype with bools; of integers it takes theirs.
v0 = T.tensor([True, False])
try:
    v1 = v0 * 9223372036854775808
except Exception as error:
    print(error)
v2 = T.tensor([1, 2])
v3 = v2 * 9223372036854775808
