# A gradient that arrives at integers, recorded since floats were compared into them, fails an assertion.
v0 = T.tensor([[1.0]], requires_grad=True)
v1, v2 = T.adaptive_max_pool1d(v0, 1)
v2.gt_(v0)
v3 = T.maximum(v1, v2)
v3.backward()
