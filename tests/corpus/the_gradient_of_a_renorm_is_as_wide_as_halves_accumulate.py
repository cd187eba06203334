# The gradient of shortened halves is computed in single precision, that of complex numbers from the real part.
v0 = T.tensor([[1.0, -2.0]], dtype=T.float16, requires_grad=True)
v1 = T.renorm(v0, 1, 1, 1.0)
v1.backward(v1)
v2 = T.tensor([[complex(1.0, 2.0), complex(0.0, -2.0)]], requires_grad=True)
v3 = T.renorm(v2, 2, 1, 1.0)
v4, = T.autograd.grad((v3,), (v2,), grad_outputs=(v3,), create_graph=True)
v5 = T.tensor([[1.0]], requires_grad=True)
with T.autograd.forward_ad.dual_level():
    v6 = T.autograd.forward_ad.make_dual(v5, v5)
    v7 = v6.renorm(1, 1, 1.0)
    v8, v9 = T.autograd.forward_ad.unpack_dual(v7)
