# The warning of scattering with a reduction comes before what refuses it.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = T.tensor([0])
v2 = T.tensor([1.0, 2.0, 3.0])
try:
    v2.scatter_(0, v1, v2, reduce='add')
except Exception as error:
    print(error)
with T.autograd.forward_ad.dual_level():
    v3 = T.autograd.forward_ad.make_dual(v0, v0)
    try:
        v3.scatter_(0, v1, v0, reduce='multiply')
    except Exception as error:
        print(error)
