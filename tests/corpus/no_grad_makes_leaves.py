# Results made under no_grad are leaves that do not require grad.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
with T.no_grad():
    v1 = v0 * 2
v2 = v1.is_leaf
v3 = v1.grad_fn
