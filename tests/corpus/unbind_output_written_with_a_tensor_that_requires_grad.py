# An output of unbind of a tensor without grad refuses to take in history.
v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]])
v1 = T.tensor([1.0, 2.0], requires_grad=True)
v2, v3 = v0.unbind(0)
v2.mul_(v1)
