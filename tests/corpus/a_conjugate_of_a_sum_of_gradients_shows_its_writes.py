# A conjugate looks into the gradient that was added up, whose version counts the additions.
v0 = T.tensor([[complex(1.0, 0.0), complex(1.0, 0.0)], [complex(1.0, 0.0), complex(1.0, 0.0)]], requires_grad=True)
v1 = v0.H
v2 = v1.atan()
v3, = T.autograd.grad((v2,), (v0,), grad_outputs=(v1,), create_graph=True)
v4, = T.autograd.grad((v3,), (v0,), grad_outputs=(v0,))
