# What a kernel copies of an inference tensor that requires grad is recorded, and all that it adds to it, or divides.
with T.inference_mode():
    v0 = T.ones((2, 2), requires_grad=True)
    v1 = T.ones((3, 2, 2), requires_grad=True)
    v2 = T.ones((3,), requires_grad=True)
    v3 = T.tensor([0, 1])
    v4 = T.ones((2,), requires_grad=True)
    v5 = T.ones((2, 2, 2), requires_grad=True)
v6 = T.addbmm(v0, v1, v1)
v7 = T.index_reduce(v2, 0, v3, v4, 'mean')
v8 = T.rot90(v0, 4)
v9 = T.nn.functional.bilinear(v0, v0, v5)
