# Nothing added to a broadcast vector lies by rows.
v0 = T.tensor([1.0, 1.0], requires_grad=True)
with T.autograd.forward_ad.dual_level():
    v1 = T.autograd.forward_ad.make_dual(v0, v0)
    v2 = T.addr(v1, v0, v0)
