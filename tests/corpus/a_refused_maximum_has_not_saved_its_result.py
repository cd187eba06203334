# Nor has a maximum.
v0 = T.tensor(1.0, requires_grad=True)
v1 = T.tensor(1.0)
with T.autograd.forward_ad.dual_level():
    v2 = T.autograd.forward_ad.make_dual(v0, v1)
    v3 = T.tensor(0)
    try:
        v1.index_reduce_(0, v3, v2, 'amax')
    except Exception as error:
        print(error)
v1.backward()
