# A gradient expanded to one element is cast with its stride of 0, which a leaf does not keep: it is copied once more.
v0 = T.tensor([1.0], dtype=T.float64, requires_grad=True)
v1 = v0.sum(dtype=T.float32)
v1.backward()
