# A tensor that was set was not used in the graphs of before.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0.clone()
v2 = T.tensor([1.0])
with T.no_grad():
    v0.set_(v2)
v3, = T.autograd.grad((v1,), (v0,), grad_outputs=(v1,), allow_unused=True)
v1.backward(v1)
