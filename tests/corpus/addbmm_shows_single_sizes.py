# Of the batches torch keeps single sizes, under names of their own.
v0 = T.tensor(1.0, requires_grad=True)
v1 = T.tensor([[[1.0]]])
v2 = v0.addbmm(v1, v1)
n0 = v2.grad_fn
u0 = n0._saved_batch2_sym_sizes
