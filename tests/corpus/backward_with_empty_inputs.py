# An empty list of inputs is refused.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0.sum()
v1.backward(inputs=[])
