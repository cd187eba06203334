# set_grad_enabled(False) is no_grad.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
with T.set_grad_enabled(False):
    v1 = v0 * 2
v2 = v1.requires_grad
