# A clone of what is dense has its very strides, those of dimensions of size 1 too.
v0 = T.tensor([[[1.0, 2.0, 3.0]]], requires_grad=True)
v1 = v0[:, :, 1:]
v2 = v1.clone()
v3 = T.nn.functional.pad(v0, (-1, 0))
