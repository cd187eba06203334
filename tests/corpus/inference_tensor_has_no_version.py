# Asking for the version of an inference tensor is refused.
with T.inference_mode():
    v0 = T.tensor([1.0, 2.0])
v1 = v0._version
