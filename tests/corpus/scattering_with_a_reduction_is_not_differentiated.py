# Only what requires grad has an edge, and the warning comes after what is refused.
v0 = T.tensor([1.0, 2.0, 3.0], requires_grad=True)
v1 = T.tensor([1.0, 1.0, 1.0])
v2 = T.tensor([0, 0, 2])
v3 = v1.scatter(0, v2, v0, reduce='add')
v4 = v0.clone()
v5 = v4.scatter_(0, v2, 2.0, reduce='multiply')
try:
    v6, = T.autograd.grad((v5,), (v0,), grad_outputs=(v1,))
except Exception as error:
    print(error)
with T.autograd.forward_ad.dual_level():
    v7 = T.autograd.forward_ad.make_dual(v0, v1)
    try:
        v8 = v7.scatter(0, v2, v7, reduce='add')
    except Exception as error:
        print(error)
