# Functions of the normal distribution and of entropy, where they have a slope, at their edges and where they overflow.
v0 = T.tensor([0.0, 0.25, 0.5, 1.0], requires_grad=True)
v1 = T.special.ndtri(v0)
v2 = T.special.entr(v0)
v3 = T.tensor([-9.5, -4.0, 0.0, 60.0, float('inf')], requires_grad=True)
v4 = T.special.log_ndtr(v3)
v5 = T.special.erfcx(v3)
v6 = T.special.ndtr(v3)
v7, = T.autograd.grad((v2,), (v0,), grad_outputs=(v0,), create_graph=True)
v8, = T.autograd.grad((v4,), (v3,), grad_outputs=(v3,), create_graph=True)
v9, = T.autograd.grad((v5,), (v3,), grad_outputs=(v3,), create_graph=True)
v10, = T.autograd.grad((v6,), (v3,), grad_outputs=(v3,), create_graph=True)
v11, = T.autograd.grad((v1,), (v0,), grad_outputs=(v0,), create_graph=True)
v12 = v0.half()
try:
    v13 = T.special.ndtri(v12)
except Exception as error:
    print(error)
