# frexp has a gradient for the fractions alone; what integers have in common has none.
v0 = T.tensor([3.0, -0.0, float('inf'), -0.3], requires_grad=True)
v1, v2 = T.frexp(v0)
v3 = v1.sum()
v4, = T.autograd.grad((v3,), (v0,))
v5 = T.tensor([4, 6, -9])
v6 = T.tensor([6, 0, 6])
v7 = T.gcd(v5, v6)
v8 = T.lcm(v5, v6)
v5.gcd_(v6)
try:
    v9 = T.frexp(v6)
except Exception as error:
    print(error)
