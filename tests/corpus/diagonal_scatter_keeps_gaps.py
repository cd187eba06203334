# A patched copy keeps the strides of the input, gaps and all.
v0 = T.tensor([[[True, True, True], [True, True, True]], [[True, True, True], [True, True, True]]])
v1, v2 = T.tensor_split(v0, 2, 2)
v3 = T.tensor([[True, True], [True, True]])
v4 = v1.diagonal_scatter(v3)
