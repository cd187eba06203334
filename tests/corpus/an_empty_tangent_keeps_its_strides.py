# Nothing that a view could name lies elsewhere, so that a tangent without elements is not copied for its strides.
v0 = T.zeros((2, 2, 0), requires_grad=True)
with T.autograd.forward_ad.dual_level():
    v1 = T.autograd.forward_ad.make_dual(v0, v0)
    v2 = T.diagonal_copy(v1)
