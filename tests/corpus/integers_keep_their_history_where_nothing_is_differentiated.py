# An op without derivative gives integers no history, and leaves them the one they have from being written.
v0 = T.tensor([True])
v1 = T.tensor([1.0], requires_grad=True)
v0.greater_(v1)
v0.heaviside_(v0)
