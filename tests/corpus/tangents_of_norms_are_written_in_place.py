# Tangents of norms, deviations and logcumsumexp were divided and masked in place, which their versions count.
v0 = T.tensor([0.5, 2.0])
v1 = T.tensor([1.0, 2.0], requires_grad=True)
with T.autograd.forward_ad.dual_level():
    v2 = T.autograd.forward_ad.make_dual(v0, v1)
    v3 = T.linalg.vector_norm(v2)
    v4, v5 = T.autograd.forward_ad.unpack_dual(v3)
    v6 = T.std(v2)
    v7, v8 = T.autograd.forward_ad.unpack_dual(v6)
    v9 = T.logcumsumexp(v2, 0)
    v10, v11 = T.autograd.forward_ad.unpack_dual(v9)
    v12 = T.norm(v2, 3)
    v13, v14 = T.autograd.forward_ad.unpack_dual(v12)
