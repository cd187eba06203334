# An inference tensor is not written to outside.
with T.inference_mode():
    v0 = T.tensor([1.0, 2.0])
v0.add_(1)
