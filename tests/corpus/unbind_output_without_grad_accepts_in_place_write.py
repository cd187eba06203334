# Where nothing requires grad an output of unbind is written to, and its base sees it.
v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]])
v1, v2 = v0.unbind(0)
v1.add_(1)
print(v0)
