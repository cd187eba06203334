# With alpha, a product overflows only where its sum times alpha does.
v0 = T.tensor(1.0)
v1 = T.tensor([[[1.0, 1.0], [1.0, 1.0]], [[3.4e+38, 1.0], [1.0, 1.0]]])
v2 = T.tensor([[[1.0, 1.0], [1.0, 1.0]], [[1.0, 0.5], [1.0, 1.0]]])
v3 = T.addbmm(v0, v1, v2, alpha=2)
