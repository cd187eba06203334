# `inputs` may name an intermediate: its grad is filled, and it retains it from then on.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 2
v2 = v1.sum()
v2.backward(inputs=[v1])
v3 = v1.retains_grad
