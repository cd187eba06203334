# Two outputs over one freed part: the second pass is refused, after the first has accumulated.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * v0
v2 = v1.sum()
v3 = v1 + v1
v4 = v3.sum()
v2.backward()
try:
    v4.backward()
except Exception as error:
    print(error)
v5 = v0.grad
