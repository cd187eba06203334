# What is saved goes through pack and comes back through unpack.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
with T.autograd.graph.saved_tensors_hooks(lambda saved: saved * 2 if saved.is_floating_point() else saved, lambda saved: saved):
    v1 = v0 * v0
v2 = v1.sum()
v2.backward()
