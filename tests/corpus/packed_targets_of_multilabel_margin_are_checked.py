# What a packing hook made of is_target is checked in backward.
v0 = T.tensor([1.0, 1.0], requires_grad=True)
v1 = T.tensor([1, 1])
with T.autograd.graph.saved_tensors_hooks(lambda saved: saved * 2 if saved.is_floating_point() else saved, lambda saved: saved):
    v2 = T.nn.functional.multilabel_margin_loss(v0, v1)
v3, = T.autograd.grad((v2,), (v0,))
