# Torch's loops over pixels and volumes know some memory formats only, of gradients as of operands.
v0 = T.zeros((1, 2, 1, 1, 1))
v1 = v0.transpose(1, 4)
v2 = v1.contiguous()
v3 = v2.transpose(1, 4)
try:
    v4 = T.nn.functional.pixel_shuffle(v3, 1)
except Exception as error:
    print(error)
try:
    v5 = T.nn.functional.pixel_unshuffle(v3, 1)
except Exception as error:
    print(error)
v6 = T.zeros((1, 2, 1, 1), requires_grad=True)
v7 = T.max_pool3d(v6, kernel_size=1)
v8 = T.zeros((1, 1, 1, 2))
v9 = v8.permute(0, 3, 1, 2)
v10 = T.nn.functional.adaptive_avg_pool3d(v9, 1)
v7.backward(v9)
