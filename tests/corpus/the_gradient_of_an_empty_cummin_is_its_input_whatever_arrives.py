# cummin of an empty tensor has the input itself as its gradient, though nothing else of the pass knows the input.
v0 = T.tensor([], requires_grad=True)
v1, v2 = v0.cummin(0)
v3, = T.autograd.grad((v1,), (v0,), grad_outputs=(v1,))
