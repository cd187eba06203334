# alpha must fit the dtype of the result.
v0 = T.tensor([1, 2])
v1 = T.add(v0, v0, alpha=1.5)
