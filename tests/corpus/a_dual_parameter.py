# What is made of a parameter in forward mode is a dual tensor like any other.
v0 = T.tensor([1.0, 2.0])
v1 = T.nn.Parameter(v0)
with T.autograd.forward_ad.dual_level():
    v2 = T.tensor([0.5, -1.0])
    v3 = T.autograd.forward_ad.make_dual(v1, v2)
    v4 = T.exp(v3)
    v5 = T.nn.Parameter(v3)
    v6 = T.mul(v5, v3)
v7 = v4.sum()
v7.backward()
