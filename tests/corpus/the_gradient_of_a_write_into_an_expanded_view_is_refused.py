# The gradient would be written into an expanded view of the base's, which is refused.
v0 = T.tensor([1.0], requires_grad=True)
v1 = v0.clone()
v2 = v1.expand(3)
v2.fill_(3)
v2.backward(v2)
