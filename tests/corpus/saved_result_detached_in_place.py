# A saved result may be detached in place: the node knows that it is its own.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0.exp()
v2 = v1 + 1
v1.detach_()
v3 = v2.sum()
v3.backward()
