# Torch has no kernel for it.
v0 = T.tensor([1.0, 0.5], dtype=T.float16, requires_grad=True)
v1 = T.i0(v0)
v2 = T.tensor([1.0, 1.0], dtype=T.float16)
v3, = T.autograd.grad((v1,), (v0,), grad_outputs=(v2,), create_graph=True)
try:
    v4, = T.autograd.grad((v3,), (v0,), grad_outputs=(v2,))
except Exception as error:
    print(error)
