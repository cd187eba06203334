# Each loss is a half, which may be infinite; only their sum is of single precision.
v0 = T.tensor([300.0, 0.3, -2.7], dtype=T.float16, requires_grad=True)
v1 = T.tensor([0.0, 0.77, 0.2], dtype=T.float16)
v2 = T.nn.functional.mse_loss(v0, v1)
v3 = T.nn.functional.smooth_l1_loss(v0, v1)
v4 = T.nn.functional.huber_loss(v0, v1)
v5 = T.nn.functional.soft_margin_loss(v0, v1)
v6 = T.sigmoid(v0)
v7 = T.nn.functional.binary_cross_entropy(v6, v1)
v8 = T.nn.functional.binary_cross_entropy_with_logits(v0, v1)
with T.autograd.forward_ad.dual_level():
    v9 = T.autograd.forward_ad.make_dual(v0, v1)
    v10 = T.nn.functional.mse_loss(v9, v1)
