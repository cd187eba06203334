# unique refuses slices without elements; of no slices at all it gives none.
v0 = T.zeros(5, 0, 5)
try:
    T.unique(v0, dim=0)
except Exception as error:
    print(error)
v1, v2, v3 = T.unique(v0, return_inverse=True, return_counts=True, dim=1)
try:
    T.unique_consecutive(v0, dim=-1)
except Exception as error:
    print(error)
v4 = T.zeros(0, 0)
try:
    T.unique(v4, dim=0)
except Exception as error:
    print(error)
v5, v6 = T.unique_consecutive(v0, return_counts=True, dim=1)
