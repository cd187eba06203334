# A leaf that was given a history behind the back of its AccumulateGrad gets no gradient.
v0 = T.tensor(1.0, requires_grad=True)
v1 = v0.clone()
v0.requires_grad = False
v0.fill_(v1)
v1.backward()
