# Under no_grad a leaf is written to, as optimisers do; its version tells.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
with T.no_grad():
    v0.mul_(3)
