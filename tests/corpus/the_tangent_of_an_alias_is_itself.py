# An index of nothing and a dim that stays give an alias, whose tangent is that of its operand and not a view of it.
v0 = T.tensor(1.0, requires_grad=True)
with T.autograd.forward_ad.dual_level():
    v1 = T.autograd.forward_ad.make_dual(v0, v0)
    v2 = v1.movedim(0, 0)
    v3 = v1[()]
    v4, v5 = T.autograd.forward_ad.unpack_dual(v2)
