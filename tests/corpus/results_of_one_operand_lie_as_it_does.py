# Whatever steps a kernel takes: its result lies as the operand, without its gaps, and numbers beside it change that.
v0 = T.tensor([[[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]])
v1 = v0.as_strided((2, 1, 2), (1, 7, 3))
v2 = v1.sinc()
v3 = v1 + 2
v4 = v1.sin()
v5 = T.pow(2, v1)
v6 = v0.permute(2, 0, 1)
v7 = v6 != 2
v8 = T.where(v7, v6, 0.0)
v9 = T.complex(v6, v6)
v10 = v9.sinc()
