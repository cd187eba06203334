# gradient takes distances, one for each dimension, or the places themselves, which may have a history, too.
v0 = T.tensor([[1.0, 2.0, 4.0], [8.0, 16.0, 32.0], [0.0, 1.0, 5.0]], requires_grad=True)
v1 = T.tensor([0.0, 1.0, 3.0], requires_grad=True)
v2, v3 = T.gradient(v0, spacing=(v1, v1))
v4, = T.gradient(v0, spacing=(v1,), dim=1, edge_order=2)
v5, v6 = T.gradient(v0, spacing=(2, 0.5), dim=(1, 0), edge_order=2)
v7, v8 = T.autograd.grad((v2,), (v0, v1), grad_outputs=(v0,), retain_graph=True)
v9, v10 = T.autograd.grad((v4,), (v0, v1), grad_outputs=(v0,), create_graph=True)
try:
    T.gradient(v0, spacing=(v1,))
except Exception as error:
    print(error)
try:
    T.gradient(v0, spacing=(v0, v0))
except Exception as error:
    print(error)
