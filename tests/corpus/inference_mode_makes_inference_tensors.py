# Tensors made under inference mode have no version and record nothing.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
with T.inference_mode():
    v1 = v0 * 2
v2 = v1.is_inference()
v3 = v1.requires_grad
