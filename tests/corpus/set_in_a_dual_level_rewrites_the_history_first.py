# set_ on a dual tensor is refused when it has rewritten the history already.
v0 = T.tensor([1.0], requires_grad=True)
v1 = T.fft.ifftshift(v0)
with T.autograd.forward_ad.dual_level():
    v2 = T.autograd.forward_ad.make_dual(v1, v0)
    try:
        v2.set_()
    except Exception as error:
        print(error)
v1.detach_()
