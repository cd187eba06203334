# A place of what was chosen that was changed to one out of range is refused as in scatter.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
with T.autograd.graph.save_on_cpu():
    v1, v2 = T.kthvalue(v0, 1)
v2.fill_(-3)
v1.backward()
