# What was an inference tensor before its data were set is none any more, yet has no version.
with T.inference_mode():
    v0 = T.tensor([1.0, 2.0])
v1 = T.tensor([3.0, 4.0])
v0.data = v1
v2 = v0.is_inference()
v3 = v0 * 2
v0.add_(1)
v4 = v0[:1]
v5 = T.tensor([1.0, 1.0], requires_grad=True)
v6 = v5 * v0
