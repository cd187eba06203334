# Within a dual level too a gradient is kept and added to in place, and is kept without its tangent.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
with T.autograd.forward_ad.dual_level():
    v1 = T.tensor([3.0, 4.0])
    v2 = T.autograd.forward_ad.make_dual(v0, v1)
    v3 = v2 * v2
    v4 = T.tensor([1.0, 1.0])
    v3.backward(v4, retain_graph=True)
    v5 = v0.grad
    v6 = v5._version
    v3.backward(v4)
    v7 = v5._version
    v8 = v2.clone()
    v8.detach_()
