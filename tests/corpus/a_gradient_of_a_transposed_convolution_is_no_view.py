# Though it lies in the room of something larger.
v0 = T.tensor([[[[[1.0, 2.0]]], [[[3.0, 4.0]]]]], requires_grad=True)
v1 = T.tensor([[[[[0.5]]]], [[[[-1.0]]]]], requires_grad=True)
v2 = T.conv_transpose3d(v0, v1)
v3 = T.tensor([[[[[1.0, -1.0]]]]], requires_grad=True)
v4, = T.autograd.grad((v2,), (v0,), grad_outputs=(v3,), create_graph=True)
v5, v6 = T.autograd.grad((v4,), (v1, v3), grad_outputs=(v0,))
