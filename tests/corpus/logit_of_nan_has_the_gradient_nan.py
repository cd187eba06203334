# Within eps of the ends the gradient of logit is zero, but that of nan is nan.
v0 = T.tensor([1.0, 0.5, float('nan')], requires_grad=True)
v1 = v0.logit(eps=1.0)
v1.backward(v0)
