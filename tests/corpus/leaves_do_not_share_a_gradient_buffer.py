# add hands one gradient to two leaves; accumulating into one must not change the other.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = T.tensor([3.0, 4.0], requires_grad=True)
v2 = v0 + v1
v3 = T.tensor([1.0, 10.0])
v2.backward(v3)
v4 = v0.sum()
v4.backward()
print(v3)
