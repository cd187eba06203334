# Of gradients that have no formula for tangents torch keeps what it composed: a picked loss has negative zeros then.
v0 = T.tensor([[1.0, 2.0], [0.5, -1.0]], requires_grad=True)
v1 = T.ones(2, 2)
v2 = T.tensor([0, 1])
v3 = T.ones(2)
with T.autograd.forward_ad.dual_level():
    v4 = T.autograd.forward_ad.make_dual(v0, v1)
    v5 = T.nn.functional.nll_loss(v4, v2, ignore_index=0, reduction='none')
    v6, = T.autograd.grad((v5,), (v4,), grad_outputs=(v3,), create_graph=True)
    v7 = T.softmax(v4, 1)
    v8, = T.autograd.grad((v7,), (v4,), grad_outputs=(v1,), create_graph=True)
    v9 = T.log_softmax(v4, 1)
    v10, = T.autograd.grad((v9,), (v4,), grad_outputs=(v1,), create_graph=True)
