# In the formula of atanh a number is filled in and subtracted from, so that the tangent begins with zeros that have memory.
v0 = T.tensor([0.0, 0.5], requires_grad=True)
v1 = T.tensor([1.0, -0.5])
v2 = T.tensor([0.0, 0.0], requires_grad=True)
with T.autograd.forward_ad.dual_level():
    v3 = T.autograd.forward_ad.make_dual(v0, v1)
    v4 = T.atanh(v3)
    v5, = T.autograd.grad((v4,), (v0,), grad_outputs=(v2,), create_graph=True)
