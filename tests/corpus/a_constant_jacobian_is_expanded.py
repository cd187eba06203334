# Where no output depends on the input along the forward mode, the Jacobian is one row of zeros for all.
v0 = T.tensor([1.0, 1.0])
v1 = T.autograd.functional.jacobian(lambda x: x.detach(), v0, vectorize=True, strategy='forward-mode')
