# Detached outside of the mode, an inference tensor counts its writes and may be written to.
with T.inference_mode():
    v0 = T.tensor([1.0, 2.0])
v1 = v0.detach()
v1.add_(1)
v2 = v1._version
with T.inference_mode():
    v1.mul_(2)
v3 = v1._version
v4 = v1.is_inference()
