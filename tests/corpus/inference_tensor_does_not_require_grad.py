# Nor can it require grad.
with T.inference_mode():
    v0 = T.tensor([1.0, 2.0])
v0.requires_grad_()
