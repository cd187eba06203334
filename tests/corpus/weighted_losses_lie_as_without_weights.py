# Weights do not change how the losses of binary_cross_entropy_with_logits lie.
v0 = T.tensor([[1.0, 1.0], [1.0, 1.0]])
v1 = v0.t()
v2 = T.nn.functional.binary_cross_entropy_with_logits(v1, v1, weight=v0, reduction='none')
