# Nothing is written back into an expanded tensor whose gradient nobody asked for.
v0 = T.tensor(1.0, requires_grad=True)
v1 = T.tensor([1.0, 1.0], requires_grad=True)
v2, v3 = v1.nanmedian(dim=0)
v4 = v2.expand(2)
v5 = T.tensor(True)
v4.masked_fill_(v5, v0)
v6, = T.autograd.grad((v4,), (v0,), grad_outputs=(v1,))
