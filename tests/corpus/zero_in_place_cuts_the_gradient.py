# A tensor overwritten with zeros passes no gradient on.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 3
v1.zero_()
v2 = v1.sum()
v2.backward()
