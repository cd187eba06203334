# A tensor without elements has strides, which its views show and a product goes by.
v0 = T.zeros((0, 3), requires_grad=True)
v1 = v0 * 2
v2 = v1.permute(1, 0)
v3 = T.mm(v1, v2)
v4, = T.autograd.grad((v3,), (v0,), grad_outputs=(v3,), create_graph=True)
