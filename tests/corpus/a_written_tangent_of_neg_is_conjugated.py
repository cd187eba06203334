# neg has its tangent element by element: of complex numbers through conjugates.
v0 = T.tensor([complex(0.5, 1.5)], requires_grad=True)
v1 = T.autograd.functional.jacobian(lambda x: x.clone().mul_(x).neg_(), v0, vectorize=True, strategy='forward-mode')
