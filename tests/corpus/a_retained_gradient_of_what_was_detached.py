# retain_grad looks for the history that a detached tensor no longer has when it gets a new one.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 2
v1.retain_grad()
v1.detach_()
v1.mul_(v0)
