# A Jacobian along the forward mode is one pass with all tangents: what is summed is selected, and stacked.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = T.autograd.functional.jacobian(lambda x: (x * x).sum(), v0, vectorize=True, strategy='forward-mode')
