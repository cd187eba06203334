# Strides of dimensions of size 1 need not be even for view_as_complex.
v0 = T.tensor([complex(1.0, 0.0)], requires_grad=True)
v1 = T.view_as_real_copy(v0)
v2 = v1.nanquantile(q=0.0, dim=0)
T.autograd.backward((v2,), (v2,))
