# nonzero_static refuses dual tensors.
v0 = T.tensor([1.0])
with T.autograd.forward_ad.dual_level():
    v1 = T.autograd.forward_ad.make_dual(v0, v0)
    v2 = T.nonzero_static(v1, size=1)
