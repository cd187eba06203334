# The zeros of a negated complex gradient have the sign that torch's vectorised loop gives them, or its other loop.
v0 = T.full((9,), complex(1.0, 0.0), requires_grad=True)
v1 = -v0
v2 = T.full((9,), complex(1.0, 0.0))
v1.backward(v2)
v3 = v2 - v0
v4, = T.autograd.grad((v3,), (v0,), grad_outputs=(v2,))
