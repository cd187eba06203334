# What is integrated up to has a slope, the exponent has none that torch knows; nor has the first operand of zeta.
v0 = T.tensor([0.5, 1e-38, 2.0, 0.0], requires_grad=True)
v1 = T.tensor([1.5, 1e-38, 0.0, float('nan')], requires_grad=True)
v2 = T.igamma(v0, v1)
v3 = T.special.gammaincc(v0, v1)
v4, = T.autograd.grad((v2,), (v1,), grad_outputs=(v1,), create_graph=True)
try:
    v5, = T.autograd.grad((v3,), (v0,), grad_outputs=(v1,))
except Exception as error:
    print(error)
v6 = T.special.zeta(2.0, v1)
v7 = v6.sum()
v7.backward()
v8 = T.special.zeta(v0, 1000000000000000.0)
v9 = T.mvlgamma(v1, 2)
v10, = T.autograd.grad((v9,), (v1,), grad_outputs=(v1,), create_graph=True)
try:
    v11 = T.special.multigammaln(v0, 0)
except Exception as error:
    print(error)
