# None of them is -0, and what is multiplied by an alpha of 0 is still looked at.
v0 = T.tensor([[1.0], [-0.0]], dtype=T.float16)
v1 = T.inner(v0, v0)
v2 = T.tensor([[float('inf')]], dtype=T.float16)
v3 = T.tensor(1.0, dtype=T.float16)
v4 = v3.addmm(v2, v2, alpha=0)
