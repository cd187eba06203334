# Hooks are given what the rule of a tangent saves before they are given the result.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
with T.autograd.forward_ad.dual_level():
    v1 = T.autograd.forward_ad.make_dual(v0, v0)
    v2 = v1 * 2
    with T.autograd.graph.saved_tensors_hooks(lambda saved: [saved], lambda saved: saved[0]):
        v3 = T.cumprod(v1, 0)
        v2.tan_()
