# What a rule of tangents asks for is taken out of its dual tensor, which the graph of the tangent shows.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = T.tensor([0.5, -1.0], requires_grad=True)
with T.autograd.forward_ad.dual_level():
    v2 = T.autograd.forward_ad.make_dual(v0, v1)
    v3 = v2 * v2
    v3.exp_()
    v4 = v3 * 2
    v4.sin_()
    v5 = T.add(v2, v4, alpha=2)
    v6, v7 = T.autograd.forward_ad.unpack_dual(v5)
v8 = T.tensor([1.0, 1.0])
v7.backward(v8)
