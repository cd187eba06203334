# A prehook on a node may replace the gradients of its outputs.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 3
v2 = v1.grad_fn
h0 = v2.register_prehook(lambda grad_outputs: tuple(None if g is None else g * 2 for g in grad_outputs))
v3 = v1.sum()
v3.backward()
