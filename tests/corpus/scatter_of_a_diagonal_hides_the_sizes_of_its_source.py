# What torch needs to make zeros like the source does not show.
v0 = T.tensor([[1.0]], requires_grad=True)
v1 = T.tensor([1.0])
v2 = v0.diagonal_scatter(v1)
n0 = v2.grad_fn
u0 = n0._saved_src_sym_sizes
