# Whatever a node was told as a list, it shows as a tuple.
v0 = T.tensor(1.0)
v1 = T.tensor(1.0, requires_grad=True)
with T.autograd.forward_ad.dual_level():
    v2 = T.autograd.forward_ad.make_dual(v0, v1)
    v3 = T.as_strided_scatter(v2, v0, (), ())
    v4, v5 = T.autograd.forward_ad.unpack_dual(v3)
