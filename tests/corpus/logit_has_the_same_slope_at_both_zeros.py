# Logit has the same slope at both zeros.
v0 = T.tensor([0.0, -0.0, 1.0], requires_grad=True)
v1 = T.logit(v0)
v2 = T.ones_like(v1)
v1.backward(v2)
