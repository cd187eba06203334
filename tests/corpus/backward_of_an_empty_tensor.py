# No element is not one element.
v0 = T.zeros((0,), requires_grad=True)
v1 = v0 * 2
v1.backward()
