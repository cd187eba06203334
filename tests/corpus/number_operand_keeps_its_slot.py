# A number operand holds a None slot in next_functions.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 2
v2 = v1.grad_fn
v3 = v2.next_functions
v4 = v0 + 2
v5 = v4.grad_fn
v6 = v5.next_functions
