# group_norm asks its weight for the shape of the bias: of none, the gradient is refused, but only where it is wanted.
v0 = T.tensor([[[0.5, 2.0], [1.0, -1.0]]], requires_grad=True)
v1 = T.tensor([0.5, 2.0], requires_grad=True)
v2 = T.nn.functional.group_norm(v0, 1, None, v1)
v3 = v2.sum()
v4, = T.autograd.grad((v3,), (v0,), retain_graph=True)
try:
    v5, v6 = T.autograd.grad((v3,), (v0, v1), retain_graph=True)
except Exception as error:
    print(error)
try:
    v7, v8 = T.autograd.grad((v3,), (v0, v1), create_graph=True)
except Exception as error:
    print(error)
v3.backward()
