# A node hook returns as many gradients as there are inputs.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 3
v2 = v1.grad_fn
h0 = v2.register_hook(lambda grad_inputs, grad_outputs: grad_inputs + grad_inputs)
v3 = v1.sum()
v3.backward()
