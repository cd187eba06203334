# Gradients without elements were filled and added to in place like others.
v0 = T.tensor([], requires_grad=True)
v1 = v0.repeat(0)
v2 = T.slice_scatter(v0, v0, 0, 0, None, 2)
v3 = T.tensor([])
v4, = T.autograd.grad((v1,), (v0,), grad_outputs=(v3,))
v5, = T.autograd.grad((v2,), (v0,), grad_outputs=(v3,))
