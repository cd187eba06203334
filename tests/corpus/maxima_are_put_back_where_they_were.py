# The gradient of what was put back is gathered from there, also of places that were written twice.
v0 = T.tensor([[[[1.0, 2.0], [3.0, 4.0]]]], requires_grad=True)
v1 = T.tensor([[[[5, 7], [5, 15]]]])
v2 = T.nn.functional.max_unpool2d(v0, v1, 2)
v3 = T.ones((1, 1, 4, 4), requires_grad=True)
v4, = T.autograd.grad((v2,), (v0,), grad_outputs=(v3,), create_graph=True)
v5 = v4.sum()
v5.backward()
try:
    T.nn.functional.max_unpool2d(v0, v1, 1)
except Exception as error:
    print(error)
v6 = T.tensor([[[1.0, 0.5, 0.25], [0.0, 1.0, -0.5]]], requires_grad=True)
v7 = T.nn.functional.affine_grid(v6, (1, 1, 2, 3), align_corners=False)
v8 = T.ones((1, 2, 3, 2), requires_grad=True)
v9, = T.autograd.grad((v7,), (v6,), grad_outputs=(v8,), create_graph=True)
