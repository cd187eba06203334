# addbmm is contiguous, whatever it adds to.
v0 = T.tensor([[1.0, 1.0], [1.0, 1.0]])
v1 = v0.t()
v2 = T.tensor([[[1.0, 1.0], [1.0, 1.0]]])
v3 = v1.addbmm(v2, v2, alpha=0)
