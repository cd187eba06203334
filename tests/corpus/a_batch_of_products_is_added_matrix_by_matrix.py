# addbmm adds one whole matrix after the other, so that infinities of one do not meet.
v0 = T.tensor(1.0)
v1 = T.tensor([[[1.0, 1.0], [1.0, 1.0]], [[1.0, 1.0], [1e+300, -1e+30]]])
v2 = T.tensor([[[1.0, 1.0], [1.0, 1.0]], [[1.0, 1.0], [1.0, 1000000000000000.0]]])
v3 = v0.addbmm(v1, v2)
