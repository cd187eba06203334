# A detached tensor shares elements and version, and has no history.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 2
v2 = v1.detach()
v2.mul_(10)
v3 = v1._version
v4 = v2.grad_fn
print(v1)
