# A Jacobian along the forward mode has no tangents where the input is empty, and sum no rule for that.
v0 = T.tensor([])
try:
    v1 = T.autograd.functional.jacobian(lambda x: (x * x).sum(), v0, vectorize=True, strategy='forward-mode')
except Exception as error:
    print(error)
