# The angle of zero does not turn.
v0 = T.tensor([complex(0.0, 0.0), complex(1e-38, 1e-38), complex(1.0, 1.0)], dtype=T.complex128, requires_grad=True)
v1 = T.tensor([complex(2.0, 1.0), complex(1e+300, -1.0), complex(0.5, 1.0)], dtype=T.complex128)
with T.autograd.forward_ad.dual_level():
    v2 = T.autograd.forward_ad.make_dual(v0, v1)
    v3 = T.angle(v2)
