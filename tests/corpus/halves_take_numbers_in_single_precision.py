# A number, or a tensor of one element, after halves is no half itself; nor is it in gradients.
v0 = T.tensor([0.0001, 0.0, -2.5, 1.0], dtype=T.float16, requires_grad=True)
v1 = v0 * 16777217
v2 = v0 * 2049
v3 = v0 / 1e-08
v4 = T.tensor(70000.0)
v5 = v0 * v4
v6 = v4 * v0
v7 = T.div(v0, 0.1, rounding_mode='floor')
v8 = T.floor_divide(v0, 0.1)
v9 = T.addcmul(v0, v0, v0, value=2049)
v10 = T.tensor([0.0001, 0.0, 1.0, -2.0], dtype=T.float16)
v11, = T.autograd.grad((v1,), (v0,), grad_outputs=(v10,))
v10.mul_(16777217)
