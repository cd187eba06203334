# Of several outputs without derivative that are ready at once, the first one is met, though it was made last.
v0 = T.tensor(1.5, requires_grad=True)
v1 = T.heaviside(v0, v0)
v2 = v1.heaviside(v1)
v3 = v1.heaviside_(v0)
try:
    v4, = T.autograd.grad((v3, v2), (v0,))
except Exception as error:
    print(error)
