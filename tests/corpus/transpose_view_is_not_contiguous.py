# A transposed tensor cannot be viewed as a vector.
v0 = T.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True)
v1 = v0.t()
v2 = v1.is_contiguous()
v3 = v1.stride()
v4 = v1.view(6)
