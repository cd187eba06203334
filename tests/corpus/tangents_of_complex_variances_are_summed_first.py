# And real parts are taken last, which the history of the tangent shows.
v0 = T.tensor([complex(1.0, 1.0), complex(2.0, -1.0), complex(0.0, 3.0)], requires_grad=True)
v1 = T.tensor([complex(0.0, 1.0), complex(2.0, 0.0), complex(1.0, 1.0)])
with T.autograd.forward_ad.dual_level():
    v2 = T.autograd.forward_ad.make_dual(v0, v1)
    v3 = T.var(v2, -1)
    v4, v5 = T.var_mean(v2, 0)
