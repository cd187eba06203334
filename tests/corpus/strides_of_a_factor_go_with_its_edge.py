# Sizes of both factors are saved in any case, strides only where the other one's gradient needs them.
v0 = T.tensor([[1.0, 2.0]])
v1 = T.tensor([[1.0], [2.0]], requires_grad=True)
v2 = T.mm(v0, v1)
n0 = v2.grad_fn
u0 = n0._saved_self_sym_sizes
u1 = n0._saved_self_sym_strides
u2 = n0._saved_mat2_sym_strides
