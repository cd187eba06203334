# Of gradients without elements the views are views, too, and a sum of two of them is a tensor of its own.
v0 = T.zeros((0, 3), requires_grad=True)
v1 = v0.diag_embed(1)
v2, = T.autograd.grad((v1,), (v0,), grad_outputs=(v1,))
v3 = T.tensor([], requires_grad=True)
v4 = T.column_stack([v3, v3, v3])
v5, = T.autograd.grad((v4,), (v3,), grad_outputs=(v4,))
