# In inference mode there are no tangents: a Jacobian along the forward mode is zero.
v0 = T.tensor([1.0, 2.0])
with T.inference_mode(mode=True):
    v1 = T.autograd.functional.jacobian(lambda x: x * x, v0, vectorize=True, strategy='forward-mode')
