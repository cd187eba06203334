# A rule of tangents takes the primal out of its dual tensor, as the conjugate that it is.
v0 = T.tensor([complex(0.5, -1.0), complex(0.0, 2.0)], requires_grad=True)
v1 = v0.conj()
v2 = T.tensor([complex(1.0, 0.0), complex(1.0, 0.0)])
with T.autograd.forward_ad.dual_level():
    v3 = T.autograd.forward_ad.make_dual(v1, v2)
    v4 = T.mul(v3, v3)
    v5, v6 = T.autograd.forward_ad.unpack_dual(v4)
