# torch writes zeros over the one observation of which it takes a weighted covariance.
v0 = T.tensor([5.0])
v1 = T.tensor([2])
v2 = T.cov(v0, fweights=v1)
v3 = T.tensor([[5.0], [6.0]], requires_grad=True)
v4 = v3 * 1
v5 = T.cov(v4, fweights=v1)
try:
    v6 = T.cov(v3, fweights=v1)
except Exception as error:
    print(error)
