# Arguments may be given by the names that torch has for them, the first one too.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = T.mul(input=v0, other=v0)
v2 = T.floor_divide(v1, other=v0)
v3 = T.abs(input=v1)
v4 = v0.heaviside(values=v0)
