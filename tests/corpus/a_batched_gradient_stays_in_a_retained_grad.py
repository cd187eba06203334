# What retains its gradient keeps the batched one, of which the elements cannot be read any more.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = T.mul(v0, v0)
v1.retain_grad()
v2 = T.mul(v1, v1)
v3 = T.ones((3, 2))
v4, = T.autograd.grad((v2,), (v0,), grad_outputs=(v3,), is_grads_batched=True)
v5 = v1.grad
