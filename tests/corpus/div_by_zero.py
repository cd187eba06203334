# Division by zero gives infinities and NaN, backward too.
v0 = T.tensor([1.0, 0.0, -1.0], requires_grad=True)
v1 = T.tensor([0.0, 0.0, -0.0], requires_grad=True)
v2 = v0 / v1
v3 = v2.sum()
v3.backward()
