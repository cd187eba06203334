# Views of what cannot require grad are views as well.
v0 = T.tensor([[1, 2], [3, 4]])
v1 = v0.select(0, 0)
v1.mul_(10)
v2 = v1._is_view()
v3 = v0._version
print(v0)
