# The gradient of logit with eps at NaN is NaN, in vectors zero.
v0 = T.full((17,), float('nan'), dtype=T.float64, requires_grad=True)
v1 = T.logit(v0, eps=0.25)
v1.backward(v0)
