# Whether it is one, and its gradient a zero, is decided by the last bits of the lengths.
v0 = T.tensor([[1.0, 0.112], [-1.276, -1.448]], requires_grad=True)
v1 = T.nn.functional.cosine_similarity(v0, v0)
v2 = T.nn.functional.cosine_similarity(v1, v1, 0)
v2.backward()
v3 = T.tensor([1.0, 2.0, 0.0], requires_grad=True)
v4 = v3.cosh()
v5 = T.nn.functional.cosine_similarity(v4, v4, dim=0)
v5.backward()
