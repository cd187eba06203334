# Mean and deviation, which group_norm saves for its gradient, carry tangents.
v0 = T.tensor([[0.5, 2.0]], requires_grad=True)
v1 = T.tensor([3.0, 1.0], requires_grad=True)
v2 = T.tensor([[1.0, -2.0]], requires_grad=True)
with T.autograd.forward_ad.dual_level():
    v3 = T.autograd.forward_ad.make_dual(v0, v2)
    v4 = T.group_norm(v3, 2, v1)
    v5 = v4.sum()
    v6, v7 = T.autograd.grad((v5,), (v0, v1), create_graph=True)
