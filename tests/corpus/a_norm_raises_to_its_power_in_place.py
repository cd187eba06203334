# The formula of a norm writes its power in place, so that a later gradient leads to the copy that was saved.
v0 = T.tensor([[1.0]], requires_grad=True)
v1 = T.renorm(v0, 3, 0, 1.0)
v2, = T.autograd.grad((v1,), (v0,), create_graph=True)
v2.backward(create_graph=True)
v3 = v0.grad
