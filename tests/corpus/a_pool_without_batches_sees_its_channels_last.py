# max_pool3d of one volume goes by its strides alone to say that its channels come last.
v0 = T.zeros((2, 2, 2, 3))
v1 = v0.permute(3, 0, 1, 2)
v2, v3 = T.nn.functional.max_pool3d_with_indices(v1, 1)
