# A leaf that stops requiring grad receives none, though the graph that was built before leads to it.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 3
v0.requires_grad = False
v2 = v1.sum()
v2.backward()
