# ldexp adds an integer exponent: two to its power may be no number of the dtype.
v0 = T.tensor([1e-30, 1e+30], requires_grad=True)
v1 = T.tensor([200, -200])
v2 = v0.ldexp(v1)
v3 = T.tensor([[True], [False]])
try:
    v4 = v0.ldexp(v3)
except Exception as error:
    print(error)
