# The root of what cancels in a product of matrices is nothing, or the root of its rounding.
v0 = T.tensor([[1.0, 1.171], [2.0, 1.207]], dtype=T.float64)
v1 = T.cdist(v0, v0, compute_mode='use_mm_for_euclid_dist')
v2 = T.tensor([[[1.0, 1.171], [2.0, 1.207]], [[0.1, 0.2], [0.4, 0.5]]], dtype=T.float64)
v3 = T.cdist(v2, v2, compute_mode='use_mm_for_euclid_dist')
v4 = T.cdist(v2, v0, compute_mode='use_mm_for_euclid_dist')
v5 = T.tensor([[[2.0]]])
v6 = T.tensor([[1.0]])
v7 = T.cdist(v5, v6, compute_mode='use_mm_for_euclid_dist')
