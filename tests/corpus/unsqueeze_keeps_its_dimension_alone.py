# unsqueeze and its copy show the dimension and no sizes.
v0 = T.tensor([1.0], requires_grad=True)
v1 = T.unsqueeze_copy(v0, dim=1)
n0 = v1.grad_fn
u0 = n0._saved_self_sym_sizes
