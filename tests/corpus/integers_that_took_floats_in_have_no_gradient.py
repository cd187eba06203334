# A backward from integers, recorded since floats were written to a view of them, fails an assertion.
v0 = T.tensor([[1.0]], requires_grad=True)
v1, v2 = T.nn.functional.max_pool1d_with_indices(v0, 1)
v2.greater_equal_(v1)
v2.backward(v2)
