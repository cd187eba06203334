# Made like an inference tensor outside of the mode, a tensor shows that it was filled.
with T.inference_mode():
    v0 = T.tensor([1.0, 2.0])
v1 = v0.new_zeros((2,))
v2 = v0.new_ones((2,))
v3 = v0.new_full((2,), 3)
