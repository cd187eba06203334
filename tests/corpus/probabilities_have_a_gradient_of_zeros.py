# A tensor of probabilities is an operand like others: its node has an edge, through which zeros arrive.
v0 = T.tensor([1.0, 1.0], requires_grad=True)
v1 = T.zeros(2)
v1.bernoulli_(v0)
v2 = v1.sum()
v2.backward()
