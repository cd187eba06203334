# The last operand of cosine_similarity is expanded first, so that the first has its gradient first.
v0 = T.tensor([[[1.0, 1.0]]], requires_grad=True)
v1 = T.tensor(1.0, requires_grad=True)
v2 = T.nn.functional.cosine_similarity(v0, v0)
v3 = T.tensor([[1]])
v4 = v2.scatter(1, v3, v2, reduce='add')
v5 = T.nn.functional.cosine_similarity(v4, v1)
v5.backward()
