# A view that never had a grad_fn counts as a leaf once its base has a history.
v0 = T.tensor(1.0)
v1 = v0.view_as(v0)
v2 = T.tensor(1.0, requires_grad=True)
v0.fill_(v2)
v3 = T.tensor(2.0)
with T.autograd.forward_ad.dual_level():
    v1.fill_(v3)
