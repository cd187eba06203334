# The indices of index_put are shown as a tuple of tensors.
v0 = T.tensor([1.0], requires_grad=True)
v1 = T.tensor([0])
v2 = T.index_put(v0, (v1,), v0)
n0 = v2.grad_fn
u0 = n0._saved_indices
