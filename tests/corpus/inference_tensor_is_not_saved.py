# An inference tensor cannot be saved for backward.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
with T.inference_mode():
    v1 = T.tensor([3.0, 4.0])
v2 = v0 * v1
