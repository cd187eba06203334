# The factor alpha multiplies the sums of addmm, which gives -0.0.
v0 = T.tensor(1.0)
v1 = T.tensor([[1.0, 1.0], [0.0, 1.0]])
v2 = v0.addmm(v1, v1, beta=0, alpha=-0.5)
