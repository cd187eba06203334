# The gradient of a view of one number is a view, too.
v0 = T.tensor(1.0, requires_grad=True)
v1 = v0.permute(())
v2 = T.nn.functional.logsigmoid(v1)
v3, = T.autograd.grad((v2,), (v0,))
