# In mode "any" it runs for the first gradient alone.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = T.tensor([3.0, 4.0], requires_grad=True)
h0 = T.autograd.graph.register_multi_grad_hook((v0, v1), lambda grad: None, mode='any')
v2 = v0 * v1
v3 = v2.sum()
v3.backward()
