# A write refused for want of a forward rule is recorded all the same, with what it saves.
v0 = T.tensor(1.0, requires_grad=True)
with T.autograd.forward_ad.dual_level():
    v1 = T.autograd.forward_ad.make_dual(v0, v0)
    v2 = T.tensor(1.0)
    v3 = T.tensor(0)
    try:
        v2.index_reduce_(0, v3, v1, 'mean')
    except Exception as error:
        print(error)
v2.backward()
