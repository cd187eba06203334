# A write through a detached alias is seen by the version check.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 2
v2 = v1 * v1
v3 = v1.detach()
v3.add_(1)
v4 = v2.sum()
v4.backward()
