# Whose data is that of an inference tensor is one, but for its version.
v0 = T.tensor([1.0], requires_grad=True)
with T.inference_mode():
    v1 = T.ones(1)
v0.data = v1
v2 = v0.is_inference()
v3 = v0 * v0
v4 = v0.sum()
v5 = v0 + 1
v6 = T.tensor([1.0])
v6.data = v1
v6.add_(1)
