# Nor does it hide that results are views of what the kernel has made first.
with T.inference_mode():
    v0 = T.ones((2, 3))
    v1 = T.ones((2,), requires_grad=True)
    v2 = T.tensor([[1]])
v3 = v0.repeat(1, 2)
v4 = v0.roll(1)
v5 = v0.roll(1, 0)
v6 = T.stack((v0, v0))
v7 = T.stack((v0, v0), 2)
v8 = v0.select_scatter(v1, 1, 0)
v9 = T.nn.functional.embedding(v2, v0)
v10 = v0.slice_scatter(v0)
