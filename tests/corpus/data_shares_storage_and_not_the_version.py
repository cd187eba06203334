# .data is detached and has a version of its own, so that a write escapes the check.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 2
v2 = v1 * v1
v3 = v1.data
v3.mul_(10)
v4 = v1._version
v5 = v3._version
v6 = v2.sum()
v6.backward()
