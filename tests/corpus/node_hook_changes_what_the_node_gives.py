# A hook on a node may replace the gradients of its inputs.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = T.tensor([3.0, 4.0])
v2 = v0 * v1
v3 = v2.grad_fn
h0 = v3.register_hook(lambda grad_inputs, grad_outputs: tuple(None if g is None else g * 2 for g in grad_inputs))
v4 = v2.sum()
v4.backward()
