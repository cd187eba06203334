# An op written in place that has no rule for tangents refuses them when it is done and recorded.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 2
with T.autograd.forward_ad.dual_level():
    v2 = T.tensor([1.0, 1.0])
    v3 = T.autograd.forward_ad.make_dual(v1, v2)
    v4 = v3 * 1
    try:
        v4.acosh_()
    except Exception as error:
        print(error)
