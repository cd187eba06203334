# A gradient summed to fewer dimensions is a view of the sum.
v0 = T.tensor([[2.0]])
v1 = T.tensor([1.0], requires_grad=True)
v2 = T.dist(v1, v0, float('-inf'))
v3, = T.autograd.grad((v2,), (v1,))
